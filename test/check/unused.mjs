// What nobody uses: source files that no entry reaches, exports that no other file names.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { importsOf } from "./boundaries.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** Where programs begin: what package.json, the launcher, workers and the page's bundle start. */
const ENTRIES = [
  "index.ts",
  "cli/main.ts",
  "jupyter/kernel/main.ts",
  "jupyter/kernel/wire/wire-thread.ts",
  "jupyter/kernel/wire/signal-thread.ts",
  "kernels/threads/worker.ts",
  "platform/browser.ts",
  "play/page/main.ts",
];

const listed = (folder, pattern) =>
  readdirSync(path.join(root, folder), { recursive: true })
    .map((file) => file.split(path.sep).join("/"))
    .filter((file) => pattern.test(file) && !/(^|\/)(node_modules|lab-ui|assembly|dist)\//.test(file));
const read = (file) => readFileSync(path.join(root, file), "utf8");

export function problems() {
  const files = new Map(listed("src", /\.ts$/).map((file) => [file, read(`src/${file}`)]));
  return [...unreached(files), ...unnamedExports(files)];
}

function unreached(files) {
  const reached = new Set();
  const queue = [...ENTRIES];
  while (queue.length > 0) {
    const file = queue.pop();
    if (reached.has(file) || !files.has(file)) continue;
    reached.add(file);
    for (const [specifier] of importsOf(files.get(file))) {
      queue.push(
        specifier === "#platform" ? "platform/node.ts" : path.posix.join(path.posix.dirname(file), specifier),
      );
    }
  }
  return [...files.keys()]
    .filter((file) => !reached.has(file))
    .map((file) => `src/${file}: nothing imports it`);
}

/** A name counts as used where any other file says it, a test's too. */
function unnamedExports(files) {
  const words = new Map();
  const note = (file, text) => {
    for (const word of new Set(text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu))) {
      words.set(word, (words.get(word) ?? new Set()).add(file));
    }
  };
  for (const [file, text] of files) note(`src/${file}`, text);
  for (const file of listed("test", /\.(ts|mjs)$/)) note(`test/${file}`, read(`test/${file}`));
  const found = [];
  for (const [file, text] of files) {
    // `export *` hands the whole file on: its names are public.
    const handedOn = [...files.values()].some((other) =>
      new RegExp(`export \\*( as \\w+)? from "[^"]*/${path.posix.basename(file).replace(".", "\\.")}"`).test(
        other,
      ),
    );
    if (handedOn) continue;
    const exported =
      /^export (?:declare |abstract |async )*(function\*?|class|const|let|interface|type) (\w+)/gm;
    for (const [, kind, name] of text.matchAll(exported)) {
      if ([...(words.get(name) ?? [])].some((user) => user !== `src/${file}`)) continue;
      // A type may be named by an exported function of its own file: then its users have it without naming it.
      const alone = text.split(new RegExp(`\\b${name}\\b`)).length === 2;
      if (alone || !/^(interface|type)$/.test(kind)) found.push(`src/${file}: nobody uses ${name}`);
    }
  }
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = problems();
  for (const problem of found) process.stdout.write(`${problem}\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
