// The autograd library stays small enough to read in an evening: at most 3,000 lines that are neither blank nor comment.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const LIMIT = 3000;
const FOLDERS = ["array", "autograd", "ops", "nn", "optim"];
const src = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../src");

/** Lines with code; a block comment counts nothing, whatever its lines begin with. */
export function codeLines(text) {
  const withoutBlocks = text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ""));
  return withoutBlocks.split("\n").filter((line) => !/^\s*(\/\/.*)?$/.test(line)).length;
}

export function sizes() {
  return FOLDERS.map((folder) => {
    const files = readdirSync(path.join(src, folder), { recursive: true }).filter((file) =>
      file.endsWith(".ts"),
    );
    return [
      folder,
      files.reduce((sum, file) => sum + codeLines(readFileSync(path.join(src, folder, file), "utf8")), 0),
    ];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const table = sizes();
  const total = table.reduce((sum, [, lines]) => sum + lines, 0);
  for (const [folder, lines] of table)
    process.stdout.write(`${folder.padEnd(9)} ${String(lines).padStart(5)}\n`);
  process.stdout.write(
    `${"together".padEnd(9)} ${String(total).padStart(5)} lines of code, at most ${LIMIT}\n`,
  );
  process.exitCode = total <= LIMIT ? 0 : 1;
}
