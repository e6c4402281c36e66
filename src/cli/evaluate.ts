import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { makeCorpus } from "../experiment/build.ts";
import { checkConfig, readJson } from "../experiment/config.ts";
import { FILES } from "../experiment/run.ts";
import { lm, text } from "../index.ts";
import type { Command } from "./command.ts";

const usage = `usage: unrolled evaluate CHECKPOINT|DIR [--corpus NAME|PATH] [--part valid|test|train] [--json]

How well a trained model predicts a text: nats, bits and perplexity per token, and bits per character.

  --corpus C   a name of the catalogue, or the path of a text, which is then evaluated whole;
               default: the corpus that the run in DIR was trained on
  --part P     which part of the corpus; default valid
  --json       the result as JSON on standard output, nothing else`;

/** `npx unrolled evaluate` */
export const command: Command = { usage, run };

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      corpus: { type: "string" },
      part: { type: "string", default: "valid" },
      json: { type: "boolean", default: false },
    },
  });
  const misuse = (what: string) => {
    process.stderr.write(`unrolled evaluate: ${what}\n`);
    return 2;
  };
  if (positionals.length !== 1) return misuse("give one checkpoint, or the folder of a run. See --help");
  const part = values.part as text.SplitName;
  if (!["train", "valid", "test"].includes(part)) {
    return misuse(`--part must be train, valid or test, got "${part}"`);
  }
  const { checkpoint, folder } = findCheckpoint(positionals[0]);
  const { model } = lm.load(checkpoint);
  const config = folder === undefined ? undefined : path.join(folder, FILES.config);
  let evaluation: lm.Evaluation;
  if (values.corpus !== undefined && /[\\/.]/.test(values.corpus)) {
    evaluation = model.evaluate(text.readText(values.corpus));
  } else if (values.corpus !== undefined) {
    evaluation = model.evaluate(text.loadCorpus(values.corpus, { vocabulary: model.vocabulary }), {
      split: part,
    });
  } else if (config !== undefined && existsSync(config)) {
    evaluation = model.evaluate(makeCorpus(checkConfig(readJson(config), config).corpus), { split: part });
  } else return misuse("give the text: --corpus NAME or --corpus PATH");
  const { nll, tokens, unit, nats, bits, perplexity } = evaluation;
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ nll, tokens, unit, nats, bits, perplexity })}\n`);
  } else process.stdout.write(`${evaluation}\n`);
  return 0;
}

/** The checkpoint that a path means: a file, or a run's folder that has one. */
export function findCheckpoint(given: string): { checkpoint: string; folder: string | undefined } {
  const isFolder = existsSync(given) && statSync(given).isDirectory();
  return isFolder
    ? { checkpoint: path.join(given, FILES.checkpoint), folder: given }
    : { checkpoint: given, folder: undefined };
}
