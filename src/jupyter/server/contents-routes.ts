import path from "node:path";
import type { Contents } from "./contents.ts";
import { HttpError, type Reply, type Router, stringField } from "./http.ts";
import { filesPolicy } from "./security.ts";
import { sendFile } from "./send-file.ts";

/** `/api/contents`, checkpoints, and `/files`. Routes with `checkpoints` come first: a path would match them too. */
export function addContentsRoutes(router: Router, contents: Contents): void {
  const { checkpoints } = contents;
  const files = "/api/contents(?:/(.*))?";
  const file = "/api/contents/(.+?)";

  router.on("GET", new RegExp(`^${file}/checkpoints/?$`), async ({ params }) => ({
    status: 200,
    body: await checkpoints.list(params[0]),
  }));
  router.on("POST", new RegExp(`^${file}/checkpoints/?$`), async ({ params }) => ({
    status: 201,
    body: await checkpoints.create(params[0]),
  }));
  router.on("POST", new RegExp(`^${file}/checkpoints/([^/]+)$`), async ({ params }) => {
    await checkpoints.restore(params[0], params[1]);
    return { status: 204 };
  });
  router.on("DELETE", new RegExp(`^${file}/checkpoints/([^/]+)$`), async ({ params }) => {
    await checkpoints.delete(params[0], params[1]);
    return { status: 204 };
  });

  router.on("GET", new RegExp(`^${files}$`), async ({ params, query }) => {
    const model = await contents.get(params[0], {
      type: oneOf(query, "type", ["directory", "file", "notebook"], "file"),
      format: oneOf(query, "format", ["text", "base64", "json"]),
      content: flag(query, "content", true),
      hash: flag(query, "hash", false),
    });
    return {
      status: 200,
      body: model,
      headers: { "Last-Modified": new Date(model.last_modified).toUTCString() },
    };
  });
  router.on("POST", new RegExp(`^${files}$`), async ({ params, json }): Promise<Reply> => {
    const body = await json();
    const source = stringField(body, "copy_from");
    const model =
      source === undefined ? await contents.create(params[0], body) : await contents.copy(source, params[0]);
    return { status: 201, body: model, headers: { Location: location(model.path) } };
  });
  router.on("PUT", new RegExp(`^${files}$`), async ({ params, json }) => {
    const { model, created } = await contents.save(params[0], await json());
    const headers: Record<string, string> = created ? { Location: location(model.path) } : {};
    return { status: created ? 201 : 200, body: model, headers };
  });
  router.on("PATCH", new RegExp(`^${files}$`), async ({ params, json }) => ({
    status: 200,
    body: await contents.rename(params[0], stringField(await json(), "path", true)),
  }));
  router.on("DELETE", new RegExp(`^${files}$`), async ({ params }) => {
    await contents.delete(params[0]);
    return { status: 204 };
  });

  router.on("GET", /^\/files\/(.+)$/, async (request) => {
    const name = path.posix.basename(request.params[0]);
    const download = request.query.has("download");
    await sendFile(request, contents.confinement, request.params[0], {
      "Content-Security-Policy": filesPolicy,
      "Cache-Control": "no-cache",
      ...(download && { "Content-Disposition": `attachment; filename*=UTF-8''${encodeName(name)}` }),
    });
    return undefined;
  });

  // Where JupyterLab asks whether a file that a traceback names can be opened.
  router.on("GET", /^\/api\/resolvePath$/, async ({ query }) => {
    const found = await resolveOsPath(contents, query.get("path") ?? "");
    return {
      status: 200,
      body: { resolved: found === undefined ? [] : [{ scope: "server", path: found }], unresolved: [] },
    };
  });
}

async function resolveOsPath(contents: Contents, given: string): Promise<string | undefined> {
  const { root } = contents.confinement;
  const api = path.isAbsolute(given) ? path.relative(root, given).split(path.sep).join("/") : given;
  try {
    return (await contents.confinement.resolveExisting(api)).api;
  } catch {
    return undefined;
  }
}

const location = (api: string): string => `/api/contents/${api.split("/").map(encodeURIComponent).join("/")}`;

/** RFC 8187: the characters that encodeURIComponent leaves and that may not stand in an extended value. */
const encodeName = (name: string): string =>
  encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function flag(query: URLSearchParams, name: string, fallback: boolean): boolean {
  const value = query.get(name);
  if (value === null) return fallback;
  if (value !== "0" && value !== "1")
    throw new HttpError(400, `${name} must be 0 or 1, got ${JSON.stringify(value)}`);
  return value === "1";
}

/** @param otherwise stands for values that are not listed; without it they are an error. */
function oneOf(
  query: URLSearchParams,
  name: string,
  values: string[],
  otherwise?: string,
): string | undefined {
  const value = query.get(name);
  if (value === null || values.includes(value)) return value ?? undefined;
  if (otherwise !== undefined) return otherwise;
  throw new HttpError(400, `${name} must be one of ${values.join(", ")}, got ${JSON.stringify(value)}`);
}
