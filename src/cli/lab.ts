import path from "node:path";
import { parseArgs } from "node:util";
import { freshCopy, type LectureFolders, packageLectures, syncLectures } from "../jupyter/lab/lectures.ts";
import { type Ending, untilTold } from "../jupyter/lab/lifetime.ts";
import { runOwnJupyter } from "../jupyter/lab/own-jupyter.ts";
import { startLab } from "../jupyter/lab/start.ts";
import type { Command } from "./command.ts";
import { noPort, parsePort } from "./port.ts";

const usage = `usage: unrolled lab [FOLDER] [--port N] [--no-browser] [--jupyter] [--fresh LECTURE] [--stay]

Opens JupyterLab on FOLDER, with the TypeScript kernel; only Node.js is needed. Without FOLDER it opens the lectures:
your own copies of them, in .unrolled/work/ of the repository, so that your edits survive every update of it. A copy
that you have not edited is brought up to date at each start; an edited one stays, and you are told when its lecture
has a new version. (unrolled lab notebooks opens the lectures themselves, to work on them as an author.)

  --port N         the first port to try, 8888 if not given; the next free one is taken and told
  --no-browser     print the address only
  --jupyter        open your own JupyterLab or Notebook instead, with the same kernel
  --fresh LECTURE  put a fresh copy of a lecture beside yours and open it; the number is enough: --fresh 07
  --stay           go on when the process that started this one has ended

Ctrl-C ends the server and its kernels. So does the end of the process that started it (npm, a terminal, a script),
within a second, unless --stay is given. The address with its token lets anyone on this machine who has it run
programs as you: do not share it.`;

/** `npx unrolled lab` and `npm start` */
export const command: Command = { usage, run };

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      port: { type: "string" },
      "no-browser": { type: "boolean", default: false },
      jupyter: { type: "boolean", default: false },
      fresh: { type: "string" },
      stay: { type: "boolean", default: false },
    },
  });
  if (positionals.length > 1) return misuse(`one folder at most, got ${positionals.join(", ")}`);
  const port = values.port === undefined ? undefined : parsePort(values.port);
  if (Number.isNaN(port)) return misuse(noPort(String(values.port)));
  const [folder] = positionals;
  const lectures = folder === undefined ? packageLectures() : undefined;
  if (values.fresh !== undefined && !lectures) return misuse("--fresh is for the lectures: give no folder");
  const place = lectures
    ? await openLectures(lectures, values.fresh)
    : { root: path.resolve(folder ?? "."), defaultDocument: undefined, outdated: [] };
  const common = { ...place, port, openBrowser: !values["no-browser"] };

  const lifetime = untilTold({ followParent: !values.stay });
  try {
    if (values.jupyter) return await runOwnJupyter(common, lifetime.ending);
    const starting = startLab({ ...common, lectures });
    // Told to stop while JupyterLab is still being built: there is nothing to end in an orderly way yet.
    const early = await Promise.race([starting.then(() => undefined), lifetime.ending]);
    if (early) process.exit(130);
    const lab = await starting;
    const ending = await Promise.race([lab.closed, lifetime.ending]);
    if (ending) say(farewell(ending));
    await lab.close();
    return 0;
  } finally {
    lifetime.stop();
  }
}

async function openLectures(
  lectures: LectureFolders,
  fresh: string | undefined,
): Promise<{ root: string; defaultDocument: string; outdated: string[] }> {
  const { updated, outdated, removed } = await syncLectures(lectures);
  if (updated.length > 0) say(`brought up to date: ${updated.join(", ")}`);
  if (removed.length > 0) say(`no longer a lecture, moved to .previous: ${removed.join(", ")}`);
  if (outdated.length > 0) {
    say(
      `a newer version than your edited copy: ${outdated.join(", ")}. Yours stay; --fresh LECTURE opens the new one`,
    );
  }
  const defaultDocument = fresh === undefined ? "README.md" : await freshCopy(lectures, fresh);
  return { root: lectures.work, defaultDocument, outdated };
}

function misuse(text: string): number {
  process.stderr.write(`unrolled lab: ${text}\n`);
  return 2;
}

function farewell(ending: Ending): string {
  const why = ending === "parent gone" ? "the process that started this one has ended" : ending;
  return `${why}: ending kernels and server`;
}

function say(line: string): void {
  process.stderr.write(`unrolled: ${line}\n`);
}
