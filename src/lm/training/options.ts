import { ArgumentError, describe, expectNumber, expectOptions, formatShape } from "../../errors.ts";
import * as expect from "../../expect.ts";
import { Optimizer } from "../../optim/optimizer.ts";
import type { Schedule } from "../../optim/schedules.ts";
import { Corpus } from "../../text/corpus.ts";
import { expectLoadable } from "../checkpoint/model.ts";
import type { EpochRecord, History, StepRecord } from "../history.ts";
import type { NeuralLM } from "../neural/neural-lm.ts";
import type { ProgressReporter } from "./progress.ts";

/** Options of `train`. */
export interface TrainOptions {
  /** Made from `model.parameters()`. */
  optimizer: Optimizer;
  /** Passes over the training text, those before a resume included; default 1. */
  epochs?: number;
  /** Ends after this many steps, within an epoch if need be; those before a resume included. */
  maxSteps?: number;
  /** B; default 32. */
  batchSize?: number;
  /** T, the window of truncated BPTT, for recurrent models; default 35. */
  bptt?: number;
  /** Carry the hidden state from window to window (default), or begin each with zeros. */
  carryState?: boolean;
  /** Scale the gradient so that its norm is at most this. */
  clipNorm?: number;
  /** Limit each element of the gradient to ± this, after `clipNorm`. */
  clipValue?: number;
  /** Made for the optimizer. */
  schedule?: Schedule;
  /**
   * Call `schedule.step` after each epoch (default), with the validation loss (the training loss if nothing is
   * validated), or after each step, with its loss.
   */
  schedulePer?: "epoch" | "step";
  /**
   * Which loss is differentiated: the mean over the window's targets, or their sum over the T steps averaged over the
   * batch, as some papers do. What is reported is always the mean.
   */
  reduction?: "mean" | "sumOverTime";
  /** Evaluate on `corpus.valid` after each epoch; default: if it is long enough. */
  validate?: boolean;
  /** Stop when the validation loss (the training loss if nothing is validated) has not improved for so many epochs. */
  patience?: number;
  /**
   * At the end give the model the weights of the epoch with the lowest validation loss (training loss if nothing is
   * validated). A resume goes on from the last weights all the same.
   */
  keepBest?: boolean;
  /** Save to this path (see `lm.save`) after so many steps or epochs (default: each epoch), and at the end. */
  checkpoint?: { path: string; everySteps?: number; everyEpochs?: number };
  /** The seed of the order of examples, for models without time; default 0. */
  seed?: number | string;
  /** Called after each step. May be asynchronous. What it throws ends the training, which can be resumed. */
  onStep?: (record: StepRecord, history: History) => void | Promise<void>;
  /** Called after each epoch, its validation and the schedule. As `onStep`. */
  onEpoch?: (record: EpochRecord, history: History) => void | Promise<void>;
  /** Ends the training after the step in hand. */
  signal?: AbortSignal;
  /** Continues the training that this history records, exactly where it ended; the history grows. */
  resume?: History;
  /** Names the history in plots and tables. */
  name?: string;
  /** false: quiet; default: a bar on a terminal, one display in a notebook, nothing elsewhere. */
  progress?: boolean | ProgressReporter;
}

/** The compiler holds the names to the interfaces. */
const OPTIONS: Readonly<Record<keyof TrainOptions, true>> = {
  optimizer: true,
  epochs: true,
  maxSteps: true,
  batchSize: true,
  bptt: true,
  carryState: true,
  clipNorm: true,
  clipValue: true,
  schedule: true,
  schedulePer: true,
  reduction: true,
  validate: true,
  patience: true,
  keepBest: true,
  checkpoint: true,
  seed: true,
  onStep: true,
  onEpoch: true,
  signal: true,
  resume: true,
  name: true,
  progress: true,
};
const CHECKPOINT: Readonly<Record<keyof NonNullable<TrainOptions["checkpoint"]>, true>> = {
  path: true,
  everySteps: true,
  everyEpochs: true,
};

/** The options with their defaults. */
export type SettledOptions = TrainOptions &
  Required<
    Pick<
      TrainOptions,
      "epochs" | "maxSteps" | "batchSize" | "bptt" | "carryState" | "reduction" | "schedulePer" | "seed"
    >
  > & { validate: boolean };

/** @throws {ArgumentError} for an unknown option, for one out of range, or one that does not fit the model or the corpus. */
export function settle(options: TrainOptions, model: NeuralLM, corpus: Corpus): SettledOptions {
  expect.instance(
    corpus,
    Corpus,
    "train: the corpus",
    "make one with text.loadCorpus or text.corpusFromText",
  );
  expectOptions(options, Object.keys(OPTIONS), "train");
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settled: SettledOptions = {
    epochs: 1,
    maxSteps: Infinity,
    batchSize: 32,
    bptt: 35,
    carryState: true,
    reduction: "mean",
    schedulePer: "epoch",
    seed: 0,
    validate: corpus.valid.length > model.minGiven,
    ...(given as Partial<TrainOptions> & Pick<TrainOptions, "optimizer">),
  };
  const count = { integer: true, min: 1 };
  const rules = {
    epochs: count,
    batchSize: count,
    bptt: count,
    patience: count,
    maxSteps: { integer: true, min: 0 },
    clipNorm: { above: 0 },
    clipValue: { above: 0 },
  };
  for (const [name, rule] of Object.entries(rules)) {
    const value = given[name];
    if (value !== undefined) expectNumber(value as number, `train: ${name}`, rule);
  }
  expect.oneOf(settled.reduction, ["mean", "sumOverTime"], "train: reduction");
  expect.oneOf(settled.schedulePer, ["epoch", "step"], "train: schedulePer");
  expectTypes(given);
  expectSameVocabulary(model, corpus);
  expectOwnParameters(model, options.optimizer);
  if (options.schedule) expectOwnSchedule(options.schedule, options.optimizer);
  if (settled.validate && corpus.valid.length <= model.minGiven) {
    throw new ArgumentError(
      `train: validate: the validation part of corpus "${corpus.name}" has ${corpus.valid.length} tokens, too few: ` +
        `this model needs ${model.minGiven} before it predicts one`,
    );
  }
  if (options.checkpoint) {
    expectOptions(options.checkpoint, Object.keys(CHECKPOINT), "train: checkpoint");
    const { path, everySteps, everyEpochs } = options.checkpoint;
    if (typeof path !== "string" || path === "")
      throw new ArgumentError(`train: checkpoint.path must be the name of a file, got ${describe(path)}`);
    if (everySteps !== undefined) expectNumber(everySteps, "train: checkpoint.everySteps", count);
    if (everyEpochs !== undefined) expectNumber(everyEpochs, "train: checkpoint.everyEpochs", count);
    expectLoadable(model);
  }
  return settled;
}

const TYPES = {
  carryState: "true or false",
  validate: "true or false",
  keepBest: "true or false",
  onStep: "a function",
  onEpoch: "a function",
  name: "a text",
} as const;

function expectTypes(given: Readonly<Record<string, unknown>>): void {
  for (const [name, type] of Object.entries(TYPES)) {
    if (given[name] !== undefined) expect.type(given[name], type, `train: ${name}`);
  }
  const { signal, progress } = given as { signal?: AbortSignal; progress?: ProgressReporter };
  if (signal !== undefined && typeof signal?.aborted !== "boolean") {
    throw new ArgumentError(
      `train: signal must be an AbortSignal, got ${describe(signal)}: new AbortController().signal`,
    );
  }
  if (progress !== undefined && typeof progress !== "boolean" && typeof progress?.update !== "function") {
    throw new ArgumentError(
      `train: progress must be true, false or a reporter { update, end }, got ${describe(progress)}`,
    );
  }
}

function expectSameVocabulary(model: NeuralLM, corpus: Corpus): void {
  const [theirs, own] = [corpus.vocabulary, model.vocabulary];
  if (theirs === own) return;
  if (theirs.size !== own.size) {
    throw new ArgumentError(
      `train: corpus "${corpus.name}" has a vocabulary of ${theirs.size} tokens, the model one of ${own.size}; ` +
        "make the corpus with { vocabulary: model.vocabulary }, or the model for the corpus",
    );
  }
  const id = theirs.tokens.findIndex((token, i) => token !== own.tokens[i]);
  if (id >= 0) {
    throw new ArgumentError(
      `train: the vocabularies of corpus "${corpus.name}" and of the model differ: token ${id} is ` +
        `${describe(theirs.tokens[id])} there, ${describe(own.tokens[id])} here`,
    );
  }
}

/** An optimizer of other parameters would step without any effect on this model. */
function expectOwnParameters(model: NeuralLM, optimizer: Optimizer | undefined): void {
  if (!(optimizer instanceof Optimizer)) {
    throw new ArgumentError(
      `train: give an optimizer made from model.parameters(), got ${describe(optimizer)}; for example new ` +
        "optim.Adam(model.parameters())",
    );
  }
  const own = new Map([...model.namedParameters()].map(([name, p]) => [p as object, name]));
  const optimized = optimizer.groups.flatMap((group) => group.params);
  const foreign = optimized.findIndex((p) => !own.has(p));
  if (foreign < 0) return;
  const left = [...own].filter(([p]) => !optimized.some((q) => q === p)).map(([, name]) => `"${name}"`);
  throw new ArgumentError(
    `train: the optimizer was not made for this model: its parameter ${foreign} ` +
      `${formatShape(optimized[foreign].shape)} is none of the model's` +
      (left.length > 0 ? `, and the model's ${left.join(", ")} are not in it` : "") +
      "; make it from model.parameters()",
  );
}

/** A schedule of another optimizer, as of one from before a restart, would change nothing here. */
function expectOwnSchedule(schedule: Schedule, optimizer: Optimizer): void {
  // Its optimizer cannot be seen from outside, but that one's rate can.
  const [group] = optimizer.groups;
  const { lr } = group;
  group.lr = 2 * lr + 1;
  const isOwn = schedule.lr === group.lr;
  group.lr = lr;
  if (!isOwn)
    throw new ArgumentError("train: the schedule was made for another optimizer; make it for this one");
}
