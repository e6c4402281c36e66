import path from "node:path";
import { parseArgs } from "node:util";
import { jsonSchema } from "../experiment/config.ts";
import { withSettings } from "../experiment/config-file.ts";
import { startRun } from "../experiment/run.ts";
import type { Command } from "./command.ts";
import { reportRun, terminalProgress } from "./run-report.ts";
import { Interruption } from "./signals.ts";

const usage = `usage: unrolled train CONFIG.json [--out DIR] [--set PATH=VALUE …] [--quiet]
       unrolled train --schema

Trains a neural language model by a configuration: corpus, model, optimizer, schedule and the options of lm.train.
The folder of the run (default runs/NAME) gets the configuration, a checkpoint after every epoch, the history as JSON
and CSV, and the result. Ctrl-C ends after the step in hand; "unrolled resume DIR" goes on, bit for bit.

  -o, --out DIR     the folder of the run; it must not hold one yet
  --set PATH=VALUE  another value for one setting: --set model.seed=2 --set optimizer.lr=0.01
  --quiet           no progress
  --schema          prints the JSON Schema of configurations, for editors

A configuration:

  { "name": "harbour-lstm", "corpus": "harbour",
    "model": { "type": "RecurrentLM", "cell": "lstm", "embeddingSize": 32, "hiddenSize": 64, "seed": 1 },
    "optimizer": { "type": "Adam", "lr": 0.004 },
    "training": { "epochs": 5, "batchSize": 16, "bptt": 32, "clipNorm": 5 } }

Exit codes: 0 finished, 1 failed, 2 wrong usage, 130 interrupted.`;

/** `npx unrolled train` */
export const command: Command = { usage, run };

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      out: { type: "string", short: "o" },
      set: { type: "string", multiple: true, default: [] },
      quiet: { type: "boolean", default: false },
      schema: { type: "boolean", default: false },
    },
  });
  if (values.schema) {
    process.stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
    return 0;
  }
  if (positionals.length !== 1) {
    process.stderr.write("unrolled train: give one configuration. See --help\n");
    return 2;
  }
  const odd = values.set.find((setting) => !/^[^=]+=/.test(setting));
  if (odd !== undefined) {
    process.stderr.write(`unrolled train: --set wants PATH=VALUE, such as optimizer.lr=0.01, got "${odd}"\n`);
    return 2;
  }
  const config = withSettings(positionals[0], values.set);
  const out = values.out ?? path.join("runs", config.name.replace(/[^\p{L}\p{N}._-]+/gu, "-"));
  const stop = new Interruption();
  try {
    const outcome = await startRun(config, {
      out,
      signal: stop.signal,
      ...(values.quiet ? { progress: false } : terminalProgress(config.training?.epochs ?? 1)),
    });
    return reportRun(outcome, out, stop);
  } finally {
    stop.dispose();
  }
}
