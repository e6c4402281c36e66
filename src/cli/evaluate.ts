import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { DataError } from "../errors.ts";
import { makeCorpus } from "../experiment/build.ts";
import { checkConfig } from "../experiment/config.ts";
import { readJson } from "../experiment/config-file.ts";
import { FILES } from "../experiment/run.ts";
import { lm, text } from "../index.ts";
import type { Command } from "./command.ts";

const usage = `usage: unrolled evaluate CHECKPOINT|DIR [--corpus NAME|PATH] [--split valid|test|train] [--json]

How well a trained model predicts a text: nats, bits and perplexity per token, and bits per character.

  --corpus C   a name of the catalogue, or the path of a text, which is then evaluated whole;
               default: the corpus that the run in DIR was trained on
  --split S    which part of the corpus; default valid (--part is the same)
  --json       the result as JSON on standard output, nothing else`;

/** `npx unrolled evaluate` */
export const command: Command = { usage, run };

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      corpus: { type: "string" },
      split: { type: "string" },
      part: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const misuse = (what: string) => {
    process.stderr.write(`unrolled evaluate: ${what}\n`);
    return 2;
  };
  if (positionals.length !== 1) return misuse("give one checkpoint, or the folder of a run. See --help");
  if (values.split !== undefined && values.part !== undefined) return misuse("--part is --split: give one");
  const split = (values.split ?? values.part ?? "valid") as text.SplitName;
  if (!["train", "valid", "test"].includes(split)) {
    return misuse(`--split must be train, valid or test, got "${split}"`);
  }
  const { checkpoint, folder } = findCheckpoint(positionals[0]);
  const { model } = lm.load(checkpoint);
  const config = path.join(folder, FILES.config);
  let data: lm.EvaluationData;
  if (values.corpus !== undefined && /[\\/.]/.test(values.corpus)) data = text.readText(values.corpus);
  else if (values.corpus !== undefined)
    data = text.loadCorpus(values.corpus, { vocabulary: model.vocabulary });
  else if (existsSync(config)) data = makeCorpus(checkConfig(readJson(config), config).corpus);
  else return misuse("give the text: --corpus NAME or --corpus PATH");
  if (data instanceof text.Corpus && data[split].length <= model.minGiven) {
    throw new DataError(
      `corpus "${data.name}" has no ${split} part (${data[split].length} tokens); give its shares in the ` +
        'configuration: "split": { "fractions": [0.8, 0.1, 0.1] }',
    );
  }
  const evaluation = model.evaluate(data, { split });
  const { nll, tokens, unit, nats, bits, perplexity, characters } = evaluation;
  const perCharacter = characters === undefined ? {} : { bitsPerCharacter: evaluation.bitsPerCharacter };
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify({ nll, tokens, unit, nats, bits, perplexity, ...perCharacter })}\n`,
    );
    return 0;
  }
  const rows = [
    [`nats per ${unit}`, nats],
    [`bits per ${unit}`, bits],
    [`perplexity per ${unit}`, perplexity],
    ...(characters === undefined || unit === "character"
      ? []
      : [["bits per character", evaluation.bitsPerCharacter]]),
  ] as [string, number][];
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) process.stdout.write(`${name.padEnd(width)}  ${value.toFixed(4)}\n`);
  process.stdout.write(`${tokens} predicted\n`);
  return 0;
}

/** The checkpoint that a path means, a file or a run's folder, and the folder it lies in. */
export function findCheckpoint(given: string): { checkpoint: string; folder: string } {
  if (!existsSync(given))
    throw new DataError(`${given}: there is no such file; give a checkpoint or the folder of a run`);
  if (!statSync(given).isDirectory()) return { checkpoint: given, folder: path.dirname(given) };
  const checkpoint = path.join(given, FILES.checkpoint);
  if (existsSync(checkpoint)) return { checkpoint, folder: given };
  const below = readdirSync(given).filter((name) => existsSync(path.join(given, name, FILES.checkpoint)));
  const help =
    below.length === 0 ? "give a checkpoint or the folder of a run" : `there are runs in ${below.join(", ")}`;
  throw new DataError(`${given} holds no ${FILES.checkpoint}; ${help}`);
}
