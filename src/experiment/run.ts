import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import path from "node:path";
import { writeFileAtomic } from "#platform";
import { DataError } from "../errors.ts";
import { lm, type text } from "../index.ts";
import { buildParts, holdBias, makeSchedule, type Parts, type TrainableLM } from "./build.ts";
import { checkConfig, type ExperimentConfig } from "./config.ts";
import { readJson } from "./config-file.ts";
import { occupy } from "./lock.ts";

/** The files of a run, all in one folder. */
export const FILES = {
  config: "config.json",
  checkpoint: "checkpoint.safetensors",
  history: "history.json",
  steps: "steps.csv",
  epochs: "epochs.csv",
  result: "result.json",
} as const;

/** How a finished run did, as `result.json`. Perplexities are per token. */
export interface RunResult {
  name: string;
  epochs: number;
  steps: number;
  tokens: number;
  parameters: number;
  unit: string;
  /** By part: nats per token and perplexity. */
  evaluations: Partial<Record<"valid" | "test", { nats: number; perplexity: number; tokens: number }>>;
  seconds: number;
}

export interface RunOptions {
  /** The folder of the run; nothing is written where it is left out. */
  out?: string;
  signal?: AbortSignal;
  progress?: boolean | lm.ProgressReporter;
  /** Evaluates at the end on so many tokens at most, for quick checks. */
  evaluateTokens?: number;
  /** Called after each epoch and after each step, with what is being trained. */
  onEpoch?: (record: lm.EpochRecord, trained: Trained) => void;
  onStep?: (record: lm.StepRecord, trained: Trained) => void;
}

export interface Trained {
  model: TrainableLM;
  corpus: text.Corpus;
}

export interface Outcome {
  model: TrainableLM;
  history: lm.History;
  /** Null if the training was interrupted. */
  result: RunResult | null;
}

/**
 * Trains by a configuration, into a folder of its own: configuration, checkpoint after every epoch, history as CSV and
 * JSON, and the result at the end. Interrupted, it keeps all of them, and `resumeRun` goes on.
 * @throws {DataError} if the folder holds a run already.
 */
export async function startRun(config: ExperimentConfig, options: RunOptions = {}): Promise<Outcome> {
  const { out } = options;
  if (out === undefined) return carryOn(config, buildParts(config), null, options);
  const file = (name: string) => path.join(out, name);
  // A configuration alone is of a run that never took a step; it is replaced.
  if ([FILES.checkpoint, FILES.history].some((name) => existsSync(file(name)))) {
    throw new DataError(
      `${out} holds a run already. Go on with it: unrolled resume ${out}; or choose another folder with --out`,
    );
  }
  const parts = buildParts(config);
  try {
    mkdirSync(out, { recursive: true });
  } catch (cause) {
    const why = (cause as Error).message;
    throw new DataError(`the run's folder ${out} cannot be made (${why}); choose another one with --out`, {
      cause,
    });
  }
  const leave = occupy(out);
  try {
    writeJson(file(FILES.config), config);
    return await carryOn(config, parts, null, options);
  } catch (error) {
    if (!existsSync(file(FILES.checkpoint))) rmSync(file(FILES.config), { force: true });
    throw error;
  } finally {
    leave();
    if (readdirSync(out).length === 0) rmdirSync(out);
  }
}

/** Goes on with an interrupted run, from its last checkpoint. @throws {DataError} if there is none in the folder. */
export async function resumeRun(out: string, options: Omit<RunOptions, "out"> = {}): Promise<Outcome> {
  const file = path.join(out, FILES.config);
  if (!existsSync(file)) {
    throw new DataError(
      `${out} holds no run: there is no ${FILES.config}. Begin one: unrolled train CONFIG.json`,
    );
  }
  const config = checkConfig(readJson(file), file);
  const leave = occupy(out);
  try {
    const fresh = buildParts(config);
    const checkpoint = path.join(out, FILES.checkpoint);
    // Interrupted before its first checkpoint: it begins anew.
    if (!existsSync(checkpoint)) return await carryOn(config, fresh, null, { ...options, out });
    const { model, optimizer, scheduleState, history } = lm.load(checkpoint);
    if (!optimizer || !history) {
      throw new DataError(`${checkpoint} holds a model, but not the state of a training`);
    }
    restoreTimes(history, path.join(out, FILES.history));
    holdBias(model as TrainableLM, config.model);
    const parts = { ...fresh, model, optimizer, schedule: makeSchedule(config.schedule, optimizer) };
    if (scheduleState) parts.schedule?.loadState(scheduleState);
    return await carryOn(config, parts, history, { ...options, out });
  } finally {
    leave();
  }
}

async function carryOn(
  config: ExperimentConfig,
  { corpus, model, optimizer, schedule, options }: Parts,
  resume: lm.History | null,
  { out, signal, progress, evaluateTokens, onEpoch, onStep }: RunOptions,
): Promise<Outcome> {
  const begun = performance.now();
  const stepsBefore = resume?.steps.length;
  const everySteps = config.training?.checkpointEvery;
  const history = await lm.train(model, corpus, {
    ...options,
    optimizer,
    schedule,
    signal,
    progress,
    ...(onStep ? { onStep: (record: lm.StepRecord) => onStep(record, { model, corpus }) } : {}),
    onEpoch: (record, soFar) => {
      if (out !== undefined) writeHistory(out, soFar);
      onEpoch?.(record, { model, corpus });
    },
    ...(resume ? { resume } : {}),
    ...(out === undefined
      ? {}
      : { checkpoint: { path: path.join(out, FILES.checkpoint), everySteps, everyEpochs: 1 } }),
  });
  if (out !== undefined) writeHistory(out, history);
  if (history.interrupted) return { model, history, result: null };
  const evaluations: RunResult["evaluations"] = {};
  for (const part of ["valid", "test"] as const) {
    if (corpus[part].length <= model.minGiven) continue;
    const given = evaluateTokens === undefined ? corpus : corpus[part].subarray(0, evaluateTokens);
    const { nats, perplexity, tokens } = model.evaluate(given, { split: part });
    evaluations[part] = { nats, perplexity, tokens };
  }
  // A run that is over already took what it took then, not what it takes to load it.
  const file = out === undefined ? undefined : path.join(out, FILES.result);
  const over = stepsBefore === history.steps.length && file !== undefined && existsSync(file);
  const before = over ? (readJson(file) as Partial<RunResult>).seconds : undefined;
  const result: RunResult = {
    name: config.name,
    epochs: history.epochs.length,
    steps: history.steps.length,
    tokens: history.steps.at(-1)?.tokens ?? 0,
    parameters: model.parameterCount(),
    unit: corpus.tokenizer.unit,
    evaluations,
    seconds: before ?? (performance.now() - begun) / 1000,
  };
  if (file !== undefined) writeJson(file, result);
  return { model, history, result };
}

/** A checkpoint keeps nothing that differs from run to run: speeds and times are in the history beside it. */
function restoreTimes(history: lm.History, file: string): void {
  let kept: lm.History;
  try {
    kept = lm.History.fromJSON(readJson(file) as lm.HistoryJSON);
  } catch (error) {
    // Missing or damaged: the checkpoint has all that the training needs.
    if (error instanceof DataError) return;
    throw error;
  }
  kept.steps.forEach(({ step, tokensPerSecond }, i) => {
    const record = history.steps[i];
    if (record?.step === step && tokensPerSecond !== undefined) record.tokensPerSecond = tokensPerSecond;
  });
  kept.epochs.forEach(({ epoch, tokensPerSecond, seconds }, i) => {
    const record = history.epochs[i];
    if (record?.epoch === epoch) Object.assign(record, { tokensPerSecond, seconds });
  });
}

function writeHistory(out: string, history: lm.History): void {
  writeJson(path.join(out, FILES.history), history.toJSON());
  writeFileAtomic(path.join(out, FILES.steps), history.toCSV("steps"));
  writeFileAtomic(path.join(out, FILES.epochs), history.toCSV("epochs"));
}

export function writeJson(file: string, value: unknown): void {
  writeFileAtomic(file, `${JSON.stringify(value, null, 2)}\n`);
}
