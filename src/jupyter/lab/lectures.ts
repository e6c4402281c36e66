import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rename, stat } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ArgumentError } from "../../errors.ts";
import { writeAtomically } from "../files/atomic-write.ts";
import { canonicalJson, joinTexts } from "../files/notebook-json.ts";
import { parseNotebook } from "../server/check-notebook.ts";
import { linksForLearner } from "./lecture-links.ts";

/**
 * How a learner's work and the repository's lectures get on with each other: the learner never works on the tracked
 * files, but on copies in `.unrolled/work/`, which git ignores. At each start the copies are compared with the
 * lectures, by hashes of what the lecture was when it was copied:
 *
 * | the learner's copy | the lecture has a new version | what happens |
 * |---|---|---|
 * | is missing | – | it is copied |
 * | was not touched | yes | it is replaced |
 * | was run, its text is as it was | yes | it is replaced; the old one goes to `.previous/` |
 * | has another text | yes | it stays, and the learner is told; a fresh copy can be had beside it |
 * | is of a lecture that is gone | – | it goes to `.previous/` if its text is as it was, otherwise it stays |
 */
export interface LectureFolders {
  /** The repository's `notebooks/`. */
  originals: string;
  /** Where the learner works. */
  work: string;
  /** Leave `solutions/` out of what is copied; copies that are there already stay. */
  hideSolutions?: boolean;
}

export interface LectureReport {
  /** Paths in the work folder, `/` between names. */
  added: string[];
  updated: string[];
  /** Edited by the learner, while there is a newer version. */
  outdated: string[];
  removed: string[];
}

/** What was true of a lecture when it was copied. */
interface Copied {
  /** Of the whole file. */
  bytes: string;
  /** Of what an author writes: of a notebook its cells' kinds and sources, of another file all of it. */
  text: string;
}

const stateName = ".lectures.json";

/**
 * The lectures of this package and the place for a learner's copies, or undefined where the package has none. A teacher
 * hides the solutions by `UNROLLED_SOLUTIONS=hidden`.
 */
export function packageLectures(
  root: string = fileURLToPath(new URL("../../../", import.meta.url)),
): LectureFolders | undefined {
  const originals = path.join(root, "notebooks");
  if (!existsSync(path.join(originals, "README.md"))) return undefined;
  const hideSolutions = process.env["UNROLLED_SOLUTIONS"] === "hidden";
  return { originals, work: path.join(root, ".unrolled", "work"), hideSolutions };
}

/** Brings the learner's copies up to date; see `LectureFolders` for the rules. */
export async function syncLectures(folders: LectureFolders): Promise<LectureReport> {
  const { originals, work } = folders;
  const report: LectureReport = { added: [], updated: [], outdated: [], removed: [] };
  await mkdir(work, { recursive: true });
  const before = await readState(work);
  const after = new Map<string, Copied>();
  for (const name of await listFiles(originals)) {
    const target = path.join(work, name);
    const content = await contentFor(folders, name);
    const original = describe(content, name);
    const copy = await describeIfThere(target);
    const base = before.get(name);
    if (folders.hideSolutions && isSolution(name)) {
      if (base !== undefined) after.set(name, base);
      continue;
    }
    if (copy === undefined) {
      await copyOver(content, target);
      report.added.push(name);
    } else if (copy.bytes !== original.bytes && base?.bytes !== original.bytes) {
      if (base === undefined || copy.text !== base.text) {
        report.outdated.push(name);
        if (base !== undefined) after.set(name, base);
        continue;
      }
      if (copy.bytes !== base.bytes) await setAside(work, name);
      await copyOver(content, target);
      report.updated.push(name);
    }
    after.set(name, original);
  }
  for (const [name, base] of before) {
    if (existsSync(path.join(originals, name))) continue;
    const copy = await describeIfThere(path.join(work, name));
    if (copy?.text !== base.text) continue;
    await setAside(work, name);
    report.removed.push(name);
  }
  await writeAtomically(path.join(work, stateName), canonicalJson(Object.fromEntries(after), 1));
  return report;
}

/**
 * A new copy of a lecture beside the learner's own: `07-x-fresh.ipynb`, `07-x-fresh2.ipynb`, …
 * @param name the path of a lecture or a solution, or the beginning of a lecture's file name, such as `07`.
 * @returns the copy's path in the work folder.
 * @throws {ArgumentError} listing what there is, if no lecture or more than one is meant.
 */
export async function freshCopy(folders: LectureFolders, name: string): Promise<string> {
  const { originals, work } = folders;
  const all = await listFiles(originals);
  const lectures = all.filter((one) => one.endsWith(".ipynb") && !isSolution(one));
  const meant = all.includes(name)
    ? [name]
    : lectures.filter((one) => path.posix.basename(one).startsWith(name));
  if (meant.length !== 1) {
    const which = meant.length === 0 ? "there is no lecture" : "there is more than one lecture";
    throw new ArgumentError(
      `${which} "${name}". Lectures: ${(meant.length === 0 ? lectures : meant).join(", ")}`,
    );
  }
  const { dir, name: stem, ext } = path.posix.parse(meant[0]);
  for (let i = 1; ; i++) {
    const copy = path.posix.join(dir, `${stem}-fresh${i === 1 ? "" : i}${ext}`);
    if (existsSync(path.join(work, copy))) continue;
    await copyOver(await contentFor(folders, meant[0]), path.join(work, copy));
    return copy;
  }
}

const isSolution = (name: string): boolean => name.startsWith("solutions/");

/** Every file of a folder but hidden ones, relative, sorted. */
async function listFiles(folder: string, prefix: string = ""): Promise<string[]> {
  const entries = await readdir(path.join(folder, prefix), { withFileTypes: true });
  const found = entries
    .filter(({ name }) => !name.startsWith(".") && name !== "node_modules")
    .map(async (entry) => {
      const name = path.posix.join(prefix, entry.name);
      if (entry.isDirectory()) return listFiles(folder, name);
      return entry.isFile() ? [name] : [];
    });
  return (await Promise.all(found)).flat().sort();
}

/** What the learner gets: the original, in Markdown with links that open in the learner's folder. */
async function contentFor({ originals, hideSolutions }: LectureFolders, name: string): Promise<Buffer> {
  const data = await readFile(path.join(originals, name));
  if (!name.endsWith(".md")) return data;
  const copied = (one: string): boolean => !(hideSolutions && isSolution(one));
  return Buffer.from(linksForLearner(data.toString("utf8"), originals, name, copied));
}

function describe(data: Buffer, file: string): Copied {
  const hash = (value: string | Buffer): string => createHash("sha256").update(value).digest("hex");
  const bytes = hash(data);
  if (!file.endsWith(".ipynb")) return { bytes, text: bytes };
  try {
    const { cells } = joinTexts(parseNotebook(data.toString("utf8"), file));
    return { bytes, text: hash(canonicalJson(cells.map(({ cell_type, source }) => [cell_type, source]))) };
  } catch {
    return { bytes, text: bytes }; // not a notebook any more: whatever it is now, it was edited
  }
}

async function describeIfThere(file: string): Promise<Copied | undefined> {
  const stats = await stat(file).catch(() => undefined);
  return stats?.isFile() ? describe(await readFile(file), file) : undefined;
}

async function copyOver(content: Buffer, target: string): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  await writeAtomically(target, content);
}

/** Nothing of the learner's is deleted: the outputs of a long training may be in it. */
async function setAside(work: string, name: string): Promise<void> {
  const stamp = new Date().toISOString().replaceAll(":", "-");
  const target = path.join(work, ".previous", stamp, name);
  await mkdir(path.dirname(target), { recursive: true });
  await rename(path.join(work, name), target).catch(() => copyFile(path.join(work, name), target));
}

async function readState(work: string): Promise<Map<string, Copied>> {
  try {
    const state = JSON.parse(await readFile(path.join(work, stateName), "utf8")) as Record<string, Copied>;
    return new Map(Object.entries(state));
  } catch {
    // Without it every copy that differs counts as edited, so that nothing is lost.
    return new Map();
  }
}
