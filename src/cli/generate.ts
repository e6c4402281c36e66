import { parseArgs } from "node:util";
import { lm } from "../index.ts";
import type { Command } from "./command.ts";
import { findCheckpoint } from "./evaluate.ts";

const usage = `usage: unrolled generate CHECKPOINT|DIR [options]

Lets a trained model write.

  -p, --prompt TEXT     what the text begins with; needed by models of one endless stream (default: a line break)
  -n, --length N        the most tokens to generate (default 300)
  -t, --temperature T   below 1 more probable, above 1 more surprising (default 0.8); 0 always takes the most probable
  --top-k K             only the K most probable tokens
  --top-p P             only the most probable tokens that together have probability P
  --seed S              the source of chance (default 1): the same seed gives the same text`;

/** `npx unrolled generate` */
export const command: Command = { usage, run };

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      prompt: { type: "string", short: "p" },
      length: { type: "string", short: "n", default: "300" },
      temperature: { type: "string", short: "t", default: "0.8" },
      "top-k": { type: "string" },
      "top-p": { type: "string" },
      seed: { type: "string", default: "1" },
    },
  });
  if (positionals.length !== 1) {
    process.stderr.write("unrolled generate: give one checkpoint, or the folder of a run. See --help\n");
    return 2;
  }
  const numbers = ["length", "temperature", "top-k", "top-p"] as const;
  for (const name of numbers) {
    const value = values[name];
    if (value === undefined || (value.trim() !== "" && Number.isFinite(Number(value)))) continue;
    process.stderr.write(`unrolled generate: --${name} must be a number, got "${value}"\n`);
    return 2;
  }
  const number = (name: (typeof numbers)[number]) =>
    values[name] === undefined ? undefined : Number(values[name]);
  if (!(Number.isSafeInteger(number("length")) && number("length")! >= 1)) {
    process.stderr.write(`unrolled generate: --length must be a whole number ≥ 1, got "${values.length}"\n`);
    return 2;
  }
  const { model } = lm.load(findCheckpoint(positionals[0]).checkpoint);
  const prompt = values.prompt ?? (model.minGiven > 0 ? defaultPrompt(model) : "");
  const generation = model.generate({
    prompt,
    length: number("length"),
    temperature: number("temperature"),
    topK: number("top-k"),
    topP: number("top-p"),
    seed: values.seed,
  });
  process.stdout.write(`${generation.text}\n`);
  return 0;
}

/** A line break where the model knows one, else its first token. */
function defaultPrompt({ vocabulary, minGiven }: lm.NeuralLM): string {
  const token = vocabulary.has("\n") ? "\n" : vocabulary.tokens[0];
  return Array.from({ length: minGiven }, () => token).join("");
}
