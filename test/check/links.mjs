// Every link in the project's Markdown and notebooks that leads into the project must arrive: the file is there, tracked by
// git, and has the heading.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** GitHub's anchor of a heading. */
export const anchorOf = (heading) =>
  heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");

const withoutCode = (text) => text.replace(/^(```|~~~)[\s\S]*?^\1/gm, "").replace(/`[^`\n]*`/g, "");

/** The targets of links and pictures. */
export const linksOf = (text) =>
  [...withoutCode(text).matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].map((match) => match[1]);

/** All anchors of a text; equal ones are numbered. */
export function anchorsOf(text) {
  const seen = new Map();
  return new Set(
    [...text.replace(/^(```|~~~)[\s\S]*?^\1/gm, "").matchAll(/^#{1,6} (.*)$/gm)].map(([, heading]) => {
      const anchor = anchorOf(heading);
      const count = seen.get(anchor) ?? 0;
      seen.set(anchor, count + 1);
      return count === 0 ? anchor : `${anchor}-${count}`;
    }),
  );
}

/** The prose of a file: a notebook's Markdown cells. */
function proseOf(file) {
  const text = readFileSync(path.join(root, file), "utf8");
  if (!file.endsWith(".ipynb")) return text;
  const cells = JSON.parse(text).cells.filter((cell) => cell.cell_type === "markdown");
  return cells.map((cell) => [cell.source].flat().join("")).join("\n\n");
}

export function problems() {
  const { stdout } = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  const files = new Set(stdout.split("\n").filter((file) => file !== ""));
  const folders = new Set([...files].flatMap((file) => parents(file)));
  const found = [];
  for (const file of files) {
    if (!/\.(md|ipynb)$/.test(file)) continue;
    const prose = proseOf(file);
    for (const link of linksOf(prose)) {
      if (/^(https?:|mailto:|attachment:|data:)/.test(link)) continue;
      const [to, anchor] = link.split("#");
      const target = to === "" ? file : path.posix.join(path.posix.dirname(file), decodeURI(to));
      if (!files.has(target) && !folders.has(target.replace(/\/$/, "")))
        found.push(`${file}: ${link} leads to nothing`);
      else if (anchor && target.endsWith(".md") && !anchorsOf(proseOf(target)).has(decodeURI(anchor))) {
        found.push(`${file}: ${target} has no heading #${anchor}`);
      }
    }
  }
  return found;
}

function parents(file) {
  const all = [];
  for (let at = path.posix.dirname(file); at !== "."; at = path.posix.dirname(at)) all.push(at);
  return all;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = problems();
  for (const problem of found) process.stdout.write(`${problem}\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
