// `npm run test:tiers [-- --node-24] [TIER …]`: golden values, gradcheck and fused = composed on every kind of kernels
// this machine has, one after the other. With --node-24 on Node 24 too, which is fetched from npm into a temporary folder:
// only there is WebAssembly's "wide" variant.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { simdFlags } from "../../dist/kernels/wasm/flags.js";

const NODE_24 = "24.21.0";
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const TESTS = [
  "test/ops/golden.test.ts",
  "test/ops/gradcheck.test.ts",
  "test/ops/programs.test.ts",
  "test/nn/*golden.test.ts",
  "test/nn/gradcheck.test.ts",
  "test/optim/golden.test.ts",
  "test/fused/*.test.ts",
  "test/lm/train-golden.test.ts",
];
/** What runs where; the flags are those that our launchers give there. */
const TIERS = {
  20: ["reference", "wasm/plain", "wasm/relaxed", "blas"],
  24: ["wasm/relaxed", "wasm/wide", "blas"],
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { "node-24": { type: "boolean", default: false } },
});

/** Node 24 in a folder that goes when this ends. */
function fetchNode24() {
  const folder = mkdtempSync(path.join(os.tmpdir(), "unrolled-node24-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const args = ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", `node@${NODE_24}`];
  const { status, stderr } = spawnSync(npm, args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm cannot install node@${NODE_24}:\n${stderr}`);
  return path.join(folder, "node_modules/node/bin", process.platform === "win32" ? "node.exe" : "node");
}

/** @returns whether everything passed. */
function runOn(node, tier) {
  const version = spawnSync(node, ["-p", "process.versions.node"], { encoding: "utf8" }).stdout.trim();
  const flags = simdFlags(version, process.arch);
  const env = { ...process.env, UNROLLED_KERNELS: tier };
  const probe =
    'import("./dist/bundle.js").then(({ kernels }) => { const i = kernels.info(); console.log(i.tier + " " + i.variant + ": " + i.engine); })';
  const asked = spawnSync(node, [...flags, "-e", probe], { cwd: root, env, encoding: "utf8" });
  const running = asked.stdout.trim();
  const name = `${tier} on Node ${version}`;
  if (!running.startsWith(tier.replace("/", " "))) {
    process.stdout.write(`\n${name}: not here: ${running || asked.stderr.trim().split("\n").at(-1)}\n`);
    return false;
  }
  process.stdout.write(`\n${name}: ${running}\n`);
  const options = flags.flatMap((flag) => ["--node-option", flag.replace(/^--/, "")]);
  const mocha = path.join(root, "node_modules/mocha/bin/mocha.js");
  const args = [mocha, "--reporter", "dot", "--timeout", "300000", ...options, ...TESTS];
  return spawnSync(node, args, { cwd: root, env, stdio: "inherit" }).status === 0;
}

const major = process.versions.node.split(".")[0];
const runs = (TIERS[major] ?? TIERS[24]).map((tier) => [process.execPath, tier]);
if (values["node-24"] && major !== "24") {
  const node = fetchNode24();
  runs.push(...TIERS[24].map((tier) => [node, tier]));
}
const wanted = runs.filter(([, tier]) => positionals.length === 0 || positionals.includes(tier));
const failed = wanted.filter(([node, tier]) => !runOn(node, tier));
process.stdout.write(`\n${wanted.length - failed.length} of ${wanted.length} kinds of kernels passed\n`);
process.exitCode = failed.length === 0 && wanted.length > 0 ? 0 : 1;
