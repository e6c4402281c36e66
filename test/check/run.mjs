// `npm run check`: everything about the project that can be checked without running it.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const bin = (file) => [process.execPath, path.join(root, "node_modules", file)];
const checks = [
  ["lint and format", [...bin("@biomejs/biome/bin/biome"), "check", "."]],
  ["types of src", [...bin("typescript/bin/tsc"), "-p", ".", "--noEmit"]],
  ["types of test", [...bin("typescript/bin/tsc"), "-p", "test"]],
  ["import order", [process.execPath, "test/check/boundaries.mjs"]],
  ["unused files and exports", [process.execPath, "test/check/unused.mjs"]],
  ["links", [process.execPath, "test/check/links.mjs"]],
  ["size of the core", [process.execPath, "test/check/core-size.mjs"]],
  ["package", [...bin("publint/src/cli.js"), "--strict"]],
];

let failed = 0;
for (const [name, [command, ...args]] of checks) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  process.stdout.write(`${status === 0 ? "ok  " : "FAIL"} ${name}\n`);
  if (status !== 0) {
    failed++;
    process.stdout.write(`${stdout}${stderr}\n`);
  } else if (name === "size of the core")
    process.stdout.write(stdout.replace(/^/gm, "       ").trimEnd().concat("\n"));
}

const problems = [...lockProblems("."), ...lockProblems("src/jupyter/lab-ui")];
process.stdout.write(
  `${problems.length === 0 ? "ok  " : "FAIL"} lock files\n${problems.map((p) => `${p}\n`).join("")}`,
);
if (problems.length > 0) failed++;
process.exitCode = failed === 0 ? 0 : 1;

/** A lock file pins every package by version and content, and records no address to download from. */
function lockProblems(folder) {
  const file = path.join(root, folder, "package-lock.json");
  if (!existsSync(file)) return [];
  const { packages } = JSON.parse(readFileSync(file, "utf8"));
  return Object.entries(packages)
    .filter(([name]) => name.includes("node_modules/")) // others are folders of our own
    .flatMap(([name, entry]) => [
      ...(/^\w+:\/\//.test(entry.resolved ?? "") ? [`${folder}: ${name} records an address`] : []),
      ...(entry.link || (entry.version && entry.integrity)
        ? []
        : [`${folder}: ${name} has no version or integrity`]),
    ]);
}
