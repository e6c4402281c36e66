// `npm run test:faults [-- NAME …]`: do the tests notice mistakes? Each fault of faults.json is planted alone in a
// copy of the source, and the tests that should notice it are run there. A fault that no test notices is a failure.
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** A fault may make a loop endless; the tests of all faults together take a few minutes, on a busy machine many. */
const LIMIT_MS = 1_800_000;
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const all = JSON.parse(readFileSync(path.join(root, "test/faults/faults.json"), "utf8"));
const wanted = process.argv.slice(2);
const faults = all.filter(({ name }) => wanted.length === 0 || wanted.some((w) => name.includes(w)));
const copied = ["src", "test", "datasets", "package.json", "tsconfig.json", ".mocharc.json"];

/** A copy of the project in which one worker plants one fault after the other. */
function makeCopy() {
  const folder = mkdtempSync(path.join(os.tmpdir(), "unrolled-faults-"));
  const skip = (source) => !/lab-ui[\\/](node_modules|dist)/.test(source);
  for (const name of copied)
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true, filter: skip });
  symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"), "junction");
  return folder;
}

/** Runs the tests; resolves with the exit code and the titles of what failed. */
function runTests(folder, tests) {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [path.join(root, "node_modules/mocha/bin/mocha.js"), "--bail", "--reporter", "dot", ...tests],
      { cwd: folder, stdio: ["ignore", "pipe", "pipe"], timeout: LIMIT_MS },
    );
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
    child.on("close", (code) => resolve({ code, output }));
  });
}

async function plant(folder, { name, file, find, replace, tests }) {
  const target = path.join(folder, file);
  const original = readFileSync(target, "utf8");
  const places = original.split(find).length - 1;
  if (places !== 1)
    return { name, problem: `"${find}" stands ${places} times in ${file}: mend the fault's description` };
  writeFileSync(
    target,
    original.replace(find, () => replace),
  );
  try {
    const { code, output } = await runTests(folder, tests);
    if (code === 0) return { name, problem: `no test noticed it (${tests.join(" ")})` };
    // A fault must be noticed by a test, not by a file that can no longer be loaded.
    if (!/\d+ failing/.test(output))
      return { name, problem: `the tests did not run: ${output.trim().split("\n").at(-1)}` };
    return { name, noticed: /^\s+1\) ([^\n]+)\n\s+([^\n]+)/m.exec(output)?.slice(1).join(" › ") ?? "" };
  } finally {
    writeFileSync(target, original);
  }
}

// Without a fault the tests must pass, else they notice nothing.
const sound = makeCopy();
const { code, output } = await runTests(sound, [...new Set(faults.flatMap(({ tests }) => tests))]);
rmSync(sound, { recursive: true, force: true });
if (code !== 0) {
  process.stdout.write(`the tests fail without any fault:\n${output.slice(-3000)}\n`);
  process.exit(1);
}

const queue = [...faults];
let failed = 0;
async function worker() {
  const folder = makeCopy();
  try {
    for (let fault = queue.shift(); fault; fault = queue.shift()) {
      const { name, problem, noticed } = await plant(folder, fault);
      if (problem) failed++;
      process.stdout.write(problem ? `  MISSED  ${name}: ${problem}\n` : `  noticed ${name}: ${noticed}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
await Promise.all([worker(), worker()]);
process.stdout.write(`\n  ${faults.length - failed} passing\n${failed > 0 ? `  ${failed} failing\n` : ""}`);
process.exitCode = failed === 0 && faults.length > 0 ? 0 : 1;
