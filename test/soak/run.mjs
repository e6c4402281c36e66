// `npm run test:soak [-- NAME …] [--minutes N]`: the tests that take long, to the figures in test/README.md.
import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: "string", default: "120" } },
});

const mocha = (...tests) => [path.join(root, "node_modules/mocha/bin/mocha.js"), ...tests];
const NUMBERS = [
  "test/ops/{gradcheck,golden,numerics,programs,errors}.test.ts",
  "test/property/*.test.ts",
  "test/nn/{gradcheck,rnn-golden,bptt-golden,train-golden}.test.ts",
  "test/optim/golden.test.ts",
  "test/memory/*.test.ts",
];

const jobs = {
  damage: mocha("test/lm/damage.test.ts"),
  killed: mocha("test/lm/killed.test.ts", "test/jupyter/files/atomic-write.test.ts"),
  resume: mocha("test/lm/resume-elsewhere.test.ts"),
  server: mocha("test/jupyter/server/fuzz.test.ts"),
  "kernels-reference": { args: mocha(...NUMBERS), env: { UNROLLED_KERNELS: "reference" } },
  "kernels-plain": { args: mocha(...NUMBERS), env: { UNROLLED_KERNELS: "wasm/plain" } },
  "kernels-each": mocha("test/kernels/numerics.test.ts"),
  training: [
    ...["--conditions=unrolled-source", "--import", "tsx", "test/soak/training.ts"],
    ...["--minutes", values.minutes],
  ],
};

const odd = positionals.find((name) => !Object.hasOwn(jobs, name));
if (odd !== undefined) {
  process.stderr.write(`test:soak: there is no "${odd}"; there are ${Object.keys(jobs).join(", ")}\n`);
  process.exit(2);
}

/** Resolves with whether it went well. */
function run({ args, env = {} }) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, UNROLLED_SOAK: "1", UNROLLED_KILLS: "200", ...env },
    });
    child.on("close", (code) => resolve(code === 0));
  });
}

const failed = [];
for (const [name, job] of Object.entries(jobs)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  process.stdout.write(`\n== ${name}\n`);
  if (!(await run(Array.isArray(job) ? { args: job } : job))) failed.push(name);
}
process.stdout.write(failed.length === 0 ? "\nall passed\n" : `\nfailed: ${failed.join(", ")}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
