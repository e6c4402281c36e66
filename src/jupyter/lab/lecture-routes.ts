import type { Contents } from "../server/contents.ts";
import { HttpError, type Router, stringField } from "../server/http.ts";
import { freshCopy, type LectureFolders } from "./lectures.ts";

/** `POST /unrolled/api/fresh-copy {path}` → 201 and the model of a new copy of that lecture, for the UI to open. */
export function addLectureRoutes(router: Router, contents: Contents, folders: LectureFolders): void {
  router.on("POST", /^\/unrolled\/api\/fresh-copy$/, async ({ json }) => {
    const wanted = contents.confinement.normalise(stringField(await json(), "path", true));
    let copy: string;
    try {
      copy = await freshCopy(folders, wanted);
    } catch (error) {
      throw new HttpError(404, (error as Error).message, { cause: error });
    }
    return { status: 201, body: await contents.get(copy, { content: false, hash: false }) };
  });
}
