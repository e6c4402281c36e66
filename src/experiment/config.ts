import { readFileSync } from "node:fs";
import { ArgumentError, DataError } from "../errors.ts";
import { check, type Field, type Fields, toJsonSchema } from "./schema.ts";

/** How parameters are filled at the start, where not by the layer's default (PyTorch's). */
export interface InitConfig {
  /** U(−a, a) for every parameter. */
  uniform?: number;
  /** N(0, std²) for every parameter. */
  std?: number;
  /** N(0, std²) for the embedding table. */
  embeddingStd?: number;
  /** Zero for every bias. */
  zeroBias?: boolean;
  /** The second bias vector of recurrent layers stays zero: one vector, as most papers have it. */
  oneBias?: boolean;
  /** N(0, 1 / fan-in) for every weight matrix but the embedding: "Xavier" as some textbooks use the word. */
  fanIn?: boolean;
}

export interface CorpusConfig {
  source: string | { train: string; valid?: string; test?: string };
  level?: "char" | "word" | "syllable" | "jamo";
  end?: string;
  unknown?: string;
  minCount?: number;
  maxSize?: number;
  split?: { fractions?: number[]; counts?: number[]; by?: "character" | "token" | "line" };
}

export interface RecurrentConfig {
  type: "RecurrentLM";
  seed: number;
  cell?: "rnn" | "lstm" | "gru";
  embeddingSize?: number | null;
  hiddenSize?: number;
  numLayers?: number;
  dropout?: number;
  tied?: boolean;
  nonlinearity?: "tanh" | "relu" | "sigmoid";
  resetAfter?: boolean;
  forgetBias?: number;
  dtype?: "float32" | "float64";
  init?: InitConfig;
}

export interface FixedWindowConfig {
  type: "FixedWindowLM";
  seed: number;
  window?: number;
  embeddingSize?: number;
  hiddenSize?: number;
  direct?: boolean;
  dtype?: "float32" | "float64";
  init?: InitConfig;
}

export type ModelConfig = RecurrentConfig | FixedWindowConfig;

export type OptimizerConfig = {
  type: "SGD" | "Adagrad" | "RMSprop" | "Adam" | "AdamW";
  lr?: number;
} & Record<string, number | boolean | string | undefined>;

export type ScheduleConfig =
  | { type: "StepLR"; per?: "epoch" | "step"; stepSize: number; gamma?: number }
  | { type: "ExponentialLR"; per?: "epoch" | "step"; gamma: number }
  | { type: "CosineAnnealingLR"; per?: "epoch" | "step"; tMax: number; etaMin?: number }
  | { type: "ReduceLROnPlateau"; per?: "epoch" | "step"; factor?: number; patience?: number }
  | { type: "decayAfter"; per?: "epoch" | "step"; after: number; factor: number };

export interface TrainingConfig {
  epochs?: number;
  maxSteps?: number;
  batchSize?: number;
  bptt?: number;
  carryState?: boolean;
  clipNorm?: number;
  clipValue?: number;
  reduction?: "mean" | "sumOverTime";
  validate?: boolean;
  patience?: number;
  keepBest?: boolean;
  seed?: number;
  /** A checkpoint after so many steps, besides those after each epoch. */
  checkpointEvery?: number;
}

/** One experiment: what `npx unrolled train CONFIG.json` reads. */
export interface ExperimentConfig {
  $schema?: string;
  name: string;
  corpus: string | CorpusConfig;
  model: ModelConfig;
  optimizer: OptimizerConfig;
  schedule?: ScheduleConfig;
  training?: TrainingConfig;
}

const count = (says: string): Field => ({ type: "number", integer: true, min: 1, says });
const positive = (says: string): Field => ({ type: "number", above: 0, says });
const share = (says: string): Field => ({ type: "number", min: 0, max: 1, says });
const flag = (says: string): Field => ({ type: "boolean", says });
const text = (says: string): Field => ({ type: "string", says });
const choice = (says: string, ...of: string[]): Field => ({ type: "choice", says, of });

const per = choice("step the schedule after each epoch (default) or each step", "epoch", "step");
const dtype = choice("number format of the parameters; default float32", "float32", "float64");
const seed: Field = {
  type: "number",
  integer: true,
  min: 0,
  says: "seed of the initial weights and of dropout",
};
const init: Field = {
  type: "object",
  says: "initial values where they are not the layers' defaults",
  fields: {
    uniform: positive("U(-a, a) for every parameter"),
    std: positive("N(0, std²) for every parameter"),
    embeddingStd: positive("N(0, std²) for the embedding table"),
    zeroBias: flag("zero for every bias"),
    oneBias: flag("the second bias vector of recurrent layers stays zero"),
    fanIn: flag("N(0, 1 / fan-in) for every weight matrix but the embedding"),
  },
};
const common: Fields = {
  lr: positive("learning rate"),
  weightDecay: { type: "number", min: 0, says: "L2 penalty" },
};
const eps = positive("added outside the root");

const corpus: Field = {
  type: "either",
  says: "a name of the catalogue, a path, or an object with the options of text.loadCorpus",
  forms: [
    text("a name of the catalogue, or a path"),
    {
      type: "object",
      says: "the options of text.loadCorpus",
      required: ["source"],
      fields: {
        source: {
          type: "either",
          says: "a name, a path, or the paths of three files",
          forms: [
            text("a name of the catalogue, or a path"),
            {
              type: "object",
              says: "three files",
              required: ["train"],
              fields: { train: text("path"), valid: text("path"), test: text("path") },
            },
          ],
        },
        level: choice("what a token is; default char", "char", "word", "syllable", "jamo"),
        end: text("token that closes each line"),
        unknown: text("token that stands for rare ones"),
        minCount: count("tokens seen less often become unknown"),
        maxSize: count("at most so many tokens in the vocabulary"),
        split: {
          type: "object",
          says: "shares or counts of train, valid, test",
          fields: {
            fractions: { type: "list", says: "shares", item: share("a share") },
            counts: { type: "list", says: "numbers", item: count("a number") },
            by: choice("what is counted", "character", "token", "line"),
          },
        },
      },
    },
  ],
};

const model: Field = {
  type: "variants",
  says: "the model",
  by: "type",
  required: ["seed"],
  variants: {
    RecurrentLM: {
      seed,
      cell: choice("kind of recurrence; default rnn", "rnn", "lstm", "gru"),
      embeddingSize: {
        type: "number",
        integer: true,
        min: 1,
        nullable: true,
        says: "E; null: one-hot input",
      },
      hiddenSize: count("H; default 128"),
      numLayers: count("default 1"),
      dropout: {
        type: "number",
        min: 0,
        max: 0.999,
        says: "on input, between layers and on output; default 0",
      },
      tied: flag("output weights are the embedding table"),
      nonlinearity: choice("of the plain RNN", "tanh", "relu", "sigmoid"),
      resetAfter: flag("which GRU; default true, as PyTorch"),
      forgetBias: { type: "number", says: "forget-gate bias of an LSTM at the start" },
      dtype,
      init,
    },
    FixedWindowLM: {
      seed,
      window: count("n, tokens that it sees; default 3"),
      embeddingSize: count("m, numbers per token; default 16"),
      hiddenSize: count("h, hidden units; default 128"),
      direct: flag("a direct linear path to the logits"),
      dtype,
      init,
    },
  },
};

const optimizer: Field = {
  type: "variants",
  says: "the optimizer",
  by: "type",
  requiredOf: { SGD: ["lr"] },
  variants: {
    SGD: {
      ...common,
      momentum: share("momentum"),
      dampening: share("dampening"),
      nesterov: flag("Nesterov's form"),
    },
    Adagrad: { ...common, lrDecay: { type: "number", min: 0, says: "decay of the rate" }, eps },
    RMSprop: {
      ...common,
      alpha: share("share kept of the mean of squares"),
      momentum: share("momentum"),
      eps,
    },
    Adam: { ...common, beta1: share("decay of the first moment"), beta2: share("decay of the second"), eps },
    AdamW: { ...common, beta1: share("decay of the first moment"), beta2: share("decay of the second"), eps },
  },
};

const schedule: Field = {
  type: "variants",
  says: "how the learning rate changes",
  by: "type",
  requiredOf: {
    StepLR: ["stepSize"],
    ExponentialLR: ["gamma"],
    CosineAnnealingLR: ["tMax"],
    decayAfter: ["after", "factor"],
  },
  variants: {
    StepLR: { per, stepSize: count("every so many steps"), gamma: positive("times this") },
    ExponentialLR: { per, gamma: positive("times this at every step") },
    CosineAnnealingLR: { per, tMax: count("steps to the lowest rate"), etaMin: share("lowest rate") },
    ReduceLROnPlateau: { per, factor: share("times this"), patience: count("steps without improvement") },
    decayAfter: {
      per,
      after: { type: "number", integer: true, min: 0, says: "steps at the first rate" },
      factor: positive("times this at every later step"),
    },
  },
};

const training: Field = {
  type: "object",
  says: "the options of lm.train",
  fields: {
    epochs: count("passes over the training text; default 1"),
    maxSteps: count("ends after so many steps"),
    batchSize: count("B; default 32"),
    bptt: count("T, the window of truncated back-propagation; default 35"),
    carryState: flag("carry the state from window to window; default true"),
    clipNorm: positive("scale gradients whose norm is larger"),
    clipValue: positive("limit each element of the gradient"),
    reduction: choice("the loss that is differentiated; default mean", "mean", "sumOverTime"),
    validate: flag("evaluate after each epoch"),
    patience: count("stop after so many epochs without improvement"),
    keepBest: flag("end with the weights of the best epoch"),
    seed: { type: "number", integer: true, min: 0, says: "seed of the order of examples" },
    checkpointEvery: count("a checkpoint after so many steps, besides those after each epoch"),
  },
};

const EXPERIMENT: Field = {
  type: "object",
  says: "One training: unrolled train CONFIG.json",
  required: ["name", "corpus", "model", "optimizer"],
  fields: {
    $schema: text("where this schema is"),
    name: text("names the run in plots and tables"),
    corpus,
    model,
    optimizer,
    schedule,
    training,
  },
};

/** The configuration's JSON Schema, for editors. */
export function jsonSchema(): Record<string, unknown> {
  return { $schema: "https://json-schema.org/draft/2020-12/schema", ...toJsonSchema(EXPERIMENT) };
}

/** @throws {ArgumentError} for a value that does not fit, naming the file and the place in it. */
export function checkConfig(value: unknown, where: string): ExperimentConfig {
  try {
    check(value, EXPERIMENT, "");
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    const text = error.message.replace(/^( must| has)/, "the configuration$1").replace(/^\./, "");
    throw new ArgumentError(`${where}: ${text}`);
  }
  return value as ExperimentConfig;
}

/**
 * A configuration from a file, with some settings changed: "optimizer.lr=0.01". A value is JSON, or a text as it stands.
 * @throws {DataError} if the file cannot be read or is not JSON (with the line), {ArgumentError} as `checkConfig`.
 */
export function withSettings(path: string, settings: readonly string[] = []): ExperimentConfig {
  const config = checkConfig(readJson(path), path);
  for (const setting of settings) {
    const at = setting.indexOf("=");
    if (at < 1)
      throw new ArgumentError(`a setting is PATH=VALUE, such as optimizer.lr=0.01, got "${setting}"`);
    const keys = setting.slice(0, at).split(".");
    let place = config as unknown as Record<string, unknown>;
    for (const key of keys.slice(0, -1)) {
      const inner = Object.hasOwn(place, key) ? place[key] : undefined;
      if (typeof inner !== "object" || inner === null)
        Object.defineProperty(place, key, { value: {}, ...OWN });
      place = place[key] as Record<string, unknown>;
    }
    Object.defineProperty(place, keys[keys.length - 1], { value: parsed(setting.slice(at + 1)), ...OWN });
  }
  return settings.length === 0 ? config : checkConfig(config, `${path} with ${settings.join(" ")}`);
}

/** Defined, not assigned: `__proto__` is a name like any other, and refused as unknown. */
const OWN = { configurable: true, enumerable: true, writable: true };

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** @throws {DataError} naming the file and the line. */
export function readJson(path: string): unknown {
  let source: string;
  try {
    source = readFileSync(path, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = { ENOENT: "there is no such file", EISDIR: "this is a folder" }[code ?? ""] ?? message;
    throw new DataError(`${path}: ${why}; give the path of a configuration`, { cause });
  }
  try {
    return JSON.parse(source);
  } catch (cause) {
    const line = lineOfError(source, (cause as Error).message);
    throw new DataError(`${path}, line ${line}: not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Node says where either by position or by quoting ten characters to each side. */
function lineOfError(source: string, message: string): number {
  const position = /position (\d+)/.exec(message)?.[1];
  const quoted = /(\.{3})?"([\s\S]*)"(?:\.{3})? is not valid JSON$/.exec(message);
  let at = position === undefined ? source.length : Number(position);
  if (position === undefined && quoted) {
    const token = /^Unexpected token '(.*)',/s.exec(message)?.[1] ?? "";
    const begin = source.indexOf(quoted[2]);
    at = quoted[1] ? begin + 10 : begin + Math.max(0, quoted[2].lastIndexOf(token));
  }
  return source.slice(0, at).split("\n").length;
}
