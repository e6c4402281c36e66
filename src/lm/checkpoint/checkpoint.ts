import { writeFileAtomic } from "#platform";
import { Tensor } from "../../autograd/tensor.ts";
import { ArgumentError, CheckpointError, describe, expectOptions, UnrolledError } from "../../errors.ts";
import * as expect from "../../expect.ts";
import { Optimizer } from "../../optim/optimizer.ts";
import { Schedule, type ScheduleState } from "../../optim/schedules.ts";
import type { GeneratorState } from "../../random.ts";
import { readBytes } from "../../text/files.ts";
import type { Tokenizer } from "../../text/tokenizers.ts";
import { History, type HistoryJSON } from "../history.ts";
import { NeuralLM } from "../neural/neural-lm.ts";
import { describeModel, expectLoadable, type LoadableLM, type ModelRecord, makeModel } from "./model.ts";
import { describeOptimizer, makeOptimizer, type OptimizerRecord } from "./optimizer.ts";
import { decodeTensors, encodeTensors } from "./safetensors.ts";
import { describeTraining, readTraining, type TrainingRecord } from "./training.ts";

/** What can be saved together. */
export interface Saved {
  /** A RecurrentLM or a FixedWindowLM. */
  model: NeuralLM;
  optimizer?: Optimizer | null;
  schedule?: Schedule | null;
  /** With it the place where the training stands. */
  history?: History | null;
}

/** Options of `load`. */
export interface LoadOptions {
  /** The model's tokenizer; needed if it is not one of this library's. */
  tokenizer?: Tokenizer;
}

/** What `load` gives back. */
export interface Loaded {
  model: LoadableLM;
  /** Made for the loaded model, with its moments; null if none was saved. */
  optimizer: Optimizer | null;
  /** For `loadState` of a schedule made anew; null if none was saved. */
  scheduleState: ScheduleState | null;
  /** Can be passed on as `resume`; null if none was saved. Without measured times. */
  history: History | null;
}

const FORMAT = "unrolled-checkpoint/1";
const KEY = "unrolled";

/** Everything that is not a tensor. */
interface Sidecar extends ModelRecord {
  format: string;
  generators: GeneratorState[];
  optimizer: OptimizerRecord | null;
  schedule: ScheduleState | null;
  history: HistoryJSON | null;
  training: TrainingRecord | null;
}

/**
 * Saves model, optimizer, schedule and the place where the training stands, so that it can go on bit for bit.
 *
 * `path` becomes a safetensors file; the weights have PyTorch's names. Everything else (vocabulary, options, state of
 * optimizer, schedule and generators, history) stands in its metadata, and once more as readable JSON in
 * `path.json`. One file is replaced in one move, so that a crash leaves the old checkpoint or the new one, never a
 * mixture: loading reads only it.
 *
 * @throws {CheckpointError} for what `load` could not make again: another kind of model or optimizer.
 */
export function save(path: string, saved: Saved): void {
  expectPath(path, "lm.save");
  if (saved instanceof NeuralLM)
    throw new ArgumentError("lm.save: give the model by name: lm.save(path, { model })");
  expectOptions(saved, ["model", "optimizer", "schedule", "history"], "lm.save");
  const { bytes, sidecar } = encodeCheckpoint(saved);
  writeFileAtomic(path, bytes);
  writeFileAtomic(`${path}.json`, `${JSON.stringify(sidecar, null, 1)}\n`);
}

/** The bytes of a checkpoint; equal states give equal bytes. */
export function encodeCheckpoint(saved: Saved): {
  bytes: Uint8Array;
  sidecar: Sidecar;
} {
  const { model, optimizer, schedule, history } = saved;
  expectLoadable(model);
  if (optimizer)
    expect.instance(optimizer, Optimizer, "lm.save: the optimizer", "one of optim, such as optim.Adam");
  if (schedule)
    expect.instance(schedule, Schedule, "lm.save: the schedule", "one of optim, such as optim.StepLR");
  if (history) expect.instance(history, History, "lm.save: the history", "the one that lm.train returned");
  const optimized = optimizer ? describeOptimizer(optimizer, model.namedParameters()) : null;
  const training = history?.state ? describeTraining(history.state) : null;
  const tensors = new Map<string, Tensor>([
    ...model.stateDict(),
    ...(optimized?.moments ?? []),
    ...(training?.tensors ?? []),
  ]);
  const sidecar: Sidecar = {
    format: FORMAT,
    ...describeModel(model),
    generators: history?.state?.generators ?? model.generatorStates(),
    optimizer: optimized?.record ?? null,
    schedule: schedule?.state() ?? null,
    history: history?.toJSON({ timings: false }) ?? null,
    training: training?.record ?? null,
  };
  const metadata = new Map([
    ["format", "pt"],
    [KEY, JSON.stringify(sidecar)],
  ]);
  return { bytes: encodeTensors(tensors, metadata), sidecar };
}

/**
 * Reads what `save` wrote.
 * @example
 * const { model, optimizer, history } = lm.load("model.safetensors");
 * await lm.train(model, corpus, { optimizer, resume: history, epochs: 20 });
 * @throws {CheckpointError} if the file is malformed or not a checkpoint of this library.
 * @throws {DataError} if it cannot be read.
 */
export function load(path: string, options: LoadOptions = {}): Loaded {
  return decodeCheckpoint(readBytes(path), path, options);
}

/**
 * `load` from bytes: what a browser has fetched. `what` names them in messages.
 * @throws {CheckpointError} as `load` does.
 */
export function decodeCheckpoint(
  bytes: Uint8Array,
  what: string = "checkpoint",
  options: LoadOptions = {},
): Loaded {
  const { tensors, metadata } = decodeTensors(bytes, what);
  const sidecar = parseSidecar(metadata.get(KEY), what);
  try {
    return rebuild(tensors, sidecar, options);
  } catch (cause) {
    const why = (cause as Error).message;
    const message = cause instanceof UnrolledError ? why : `its description is damaged (${why})`;
    throw new CheckpointError(`${what}: ${message}`, { cause });
  }
}

function parseSidecar(text: string | undefined, what: string): Sidecar {
  if (text === undefined) {
    throw new CheckpointError(
      `${what}: holds tensors only, not a checkpoint of this library; read it with lm.loadTensors and use model.loadStateDict`,
    );
  }
  let sidecar: Sidecar;
  try {
    sidecar = JSON.parse(text) as Sidecar;
  } catch (cause) {
    throw new CheckpointError(`${what}: its description is not JSON`, { cause });
  }
  if (sidecar?.format !== FORMAT) {
    throw new CheckpointError(`${what}: format ${describe(sidecar?.format)}, this version reads "${FORMAT}"`);
  }
  return sidecar;
}

/** Tensors of a checkpoint that are not weights of the model. */
const BESIDE_WEIGHTS = /^(optimizer\..+\.\w+|(carried|best|last)\.\d+)$/;

function rebuild(tensors: Map<string, Tensor>, sidecar: Sidecar, { tokenizer }: LoadOptions): Loaded {
  const model = makeModel(sidecar, tensors, tokenizer);
  const own = model.namedParameters();
  const weights = [...tensors].filter(([name]) => own.has(name) || !BESIDE_WEIGHTS.test(name));
  model.loadStateDict(new Map(weights));
  const { generators, training } = sidecar;
  model.restoreGenerators(generators);
  const optimizer = sidecar.optimizer && makeOptimizer(own, sidecar.optimizer, tensors);
  const history = sidecar.history && History.fromJSON(sidecar.history);
  if (history && training) history.state = readTraining(training, generators, tensors, [...own.values()]);
  return { model, optimizer, scheduleState: sidecar.schedule, history };
}

function expectPath(path: string, who: string): void {
  if (typeof path === "string" && path !== "") return;
  throw new ArgumentError(`${who}: the path must be the name of a file, got ${describe(path)}`);
}

/** Tensors as a safetensors file, for other programs: `safetensors.torch.load_file` reads it. */
export function saveTensors(path: string, tensors: ReadonlyMap<string, Tensor>): void {
  expectPath(path, "lm.saveTensors");
  expect.type(tensors, "a Map", "lm.saveTensors: the tensors, by name, as model.stateDict() gives them,");
  for (const [name, x] of tensors) {
    expect.instance(x, Tensor, `lm.saveTensors: ${describe(name)}`, "make it one with tensor(…)");
  }
  writeFileAtomic(path, encodeTensors(tensors, new Map([["format", "pt"]])));
}

/** Reads any safetensors file of float32, float64 or int32 tensors. @throws {CheckpointError} if it is malformed. */
export function loadTensors(path: string): Map<string, Tensor> {
  return decodeTensors(readBytes(path), path).tensors;
}
