import { writeFileAtomic } from "#platform";
import { fromData } from "../../autograd/create.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { CheckpointError, describe } from "../../errors.ts";
import type { Optimizer, OptimizerState, Slot } from "../../optim/optimizer.ts";
import * as optimizers from "../../optim/optimizers.ts";
import type { Schedule, ScheduleState } from "../../optim/schedules.ts";
import { readBytes } from "../../text/files.ts";
import { type Level, tokenizerFor } from "../../text/tokenizers.ts";
import { Vocabulary, type VocabularyJSON } from "../../text/vocabulary.ts";
import { History, type HistoryJSON } from "../history.ts";
import { FixedWindowLM } from "../neural/fixed-window-lm.ts";
import { RecurrentLM } from "../neural/recurrent-lm.ts";
import { RecurrentState } from "../neural/state.ts";
import type { TrainingState } from "../training/state.ts";
import { decodeTensors, encodeTensors } from "./safetensors.ts";

/** What can be saved together. */
export interface Saved {
  model: RecurrentLM | FixedWindowLM;
  optimizer?: { stateDict(): OptimizerState };
  schedule?: Schedule;
  history?: History;
}

/** What `load` gives back. */
export interface Loaded {
  model: RecurrentLM | FixedWindowLM;
  /** Made for the loaded model, with its moments; null if none was saved. */
  optimizer: Optimizer | null;
  /** For `loadState` of a schedule made anew; null if none was saved. */
  scheduleState: ScheduleState | null;
  /** Can be passed on as `resume`; null if none was saved. */
  history: History | null;
}

const FORMAT = "unrolled-checkpoint/1";
const KEY = "unrolled";

/** Everything that is not a tensor. */
interface Sidecar {
  format: string;
  config: Record<string, unknown>;
  vocabulary: VocabularyJSON;
  tokenizer: { unit: string; end: string | null } | null;
  optimizer: { name: string; groups: unknown[]; sizes: number[]; steps: (number | null)[] } | null;
  schedule: ScheduleState | null;
  history: HistoryJSON | null;
  training:
    | (Omit<TrainingState, "carried" | "bestWeights"> & { carried: number; bestWeights: number })
    | null;
}

/**
 * Saves model, optimizer, schedule and the place where the training stands, so that it can go on bit for bit.
 *
 * `path` becomes a safetensors file; the weights have PyTorch's names. Everything else (vocabulary, options, state of
 * optimizer, schedule and generators, history) stands in its metadata, and once more as readable JSON in
 * `path.json`. One file is replaced in one move, so that a crash leaves the old checkpoint or the new one, never a
 * mixture: loading reads only it.
 */
export function save(path: string, saved: Saved): void {
  const { bytes, sidecar } = encodeCheckpoint(saved);
  writeFileAtomic(path, bytes);
  writeFileAtomic(`${path}.json`, `${JSON.stringify(sidecar, null, 1)}\n`);
}

/** The bytes of a checkpoint; equal states give equal bytes. */
export function encodeCheckpoint({ model, optimizer, schedule, history }: Saved): {
  bytes: Uint8Array;
  sidecar: Sidecar;
} {
  const tensors = new Map<string, Tensor>(model.stateDict());
  const state = optimizer?.stateDict();
  state?.slots.forEach((slot, i) => {
    for (const [name, moment] of Object.entries(slot ?? {})) {
      if (typeof moment !== "number")
        tensors.set(`optimizer.${i}.${name}`, fromData(moment, [moment.length]));
    }
  });
  const training = history?.state ?? null;
  training?.carried?.tensors.forEach((x, i) => {
    tensors.set(`carried.${i}`, x);
  });
  training?.bestWeights.forEach((x, i) => {
    tensors.set(`best.${i}`, x);
  });
  const sidecar: Sidecar = {
    format: FORMAT,
    config: { ...model.config },
    vocabulary: model.vocabulary.toJSON(),
    tokenizer: model.tokenizer && { unit: model.tokenizer.unit, end: model.tokenizer.end },
    optimizer: state
      ? {
          name: state.name,
          groups: state.groups,
          sizes: state.sizes,
          steps: state.slots.map((s) => s?.step ?? null),
        }
      : null,
    schedule: schedule?.state() ?? null,
    history: history?.toJSON({ timings: false }) ?? null,
    training: training && {
      ...training,
      carried: training.carried?.tensors.length ?? 0,
      bestWeights: training.bestWeights.length,
    },
  };
  const metadata = new Map([
    ["format", "pt"],
    [KEY, JSON.stringify(sidecar)],
  ]);
  return { bytes: encodeTensors(tensors, metadata), sidecar };
}

/** @throws {CheckpointError} if the file is malformed or not a checkpoint of this library. */
export function load(path: string): Loaded {
  return decodeCheckpoint(readBytes(path), path);
}

export function decodeCheckpoint(bytes: Uint8Array, what: string = "checkpoint"): Loaded {
  const { tensors, metadata } = decodeTensors(bytes, what);
  const sidecar = parseSidecar(metadata.get(KEY), what);
  try {
    return rebuild(tensors, sidecar);
  } catch (cause) {
    throw new CheckpointError(`${what}: ${(cause as Error).message}`, { cause });
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

function rebuild(tensors: Map<string, Tensor>, sidecar: Sidecar): Loaded {
  const model = makeModel(sidecar);
  const own = model.namedParameters();
  const moments = [...tensors].filter(([name]) => !own.has(name));
  const isExtra = (name: string) => /^(optimizer\.\d+\.\w+|(carried|best)\.\d+)$/.test(name);
  model.loadStateDict(new Map([...tensors].filter(([name]) => own.has(name) || !isExtra(name))));
  const optimizer =
    sidecar.optimizer && makeOptimizer(model.parameters(), sidecar.optimizer, new Map(moments));
  const history = sidecar.history && History.fromJSON(sidecar.history);
  if (history && sidecar.training) {
    const list = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, i) => {
        const x = tensors.get(`${prefix}.${i}`);
        if (!x) throw new CheckpointError(`${prefix}.${i} is missing`);
        return x;
      });
    const { carried, bestWeights } = sidecar.training;
    history.state = {
      ...sidecar.training,
      carried: carried > 0 ? new RecurrentState(list("carried", carried)) : null,
      bestWeights: list("best", bestWeights),
    };
    model.restoreGenerators(sidecar.training.generators);
  }
  return { model, optimizer, scheduleState: sidecar.schedule, history };
}

function makeModel({ config, vocabulary, tokenizer }: Sidecar): RecurrentLM | FixedWindowLM {
  const options = {
    ...config,
    vocabulary: Vocabulary.fromJSON(vocabulary),
    tokenizer: tokenizer ? tokenizerFor(levelOf(tokenizer.unit), tokenizer.end ?? undefined) : undefined,
    seed: 0,
  };
  if (config.model === "RecurrentLM") return new RecurrentLM(options as never);
  if (config.model === "FixedWindowLM") return new FixedWindowLM(options as never);
  throw new CheckpointError(`unknown model ${describe(config.model)}`);
}

function levelOf(unit: string): Level {
  const level = { character: "char", word: "word", syllable: "syllable", jamo: "jamo" }[unit];
  if (!level) throw new CheckpointError(`unknown unit of tokens ${describe(unit)}`);
  return level as Level;
}

function makeOptimizer(
  params: readonly Tensor[],
  saved: NonNullable<Sidecar["optimizer"]>,
  moments: Map<string, Tensor>,
): Optimizer {
  const known = optimizers as unknown as Record<string, new (params: unknown, options: unknown) => Optimizer>;
  if (!["SGD", "Adagrad", "RMSprop", "Adam", "AdamW"].includes(saved.name)) {
    throw new CheckpointError(`unknown optimizer ${describe(saved.name)}`);
  }
  if (saved.sizes.reduce((a, b) => a + b, 0) !== params.length) {
    throw new CheckpointError(
      `the optimizer was made for ${saved.sizes} parameters, the model has ${params.length}`,
    );
  }
  let start = 0;
  const groups = saved.sizes.map((size, i) => {
    const group = { ...(saved.groups[i] as object), params: params.slice(start, start + size) };
    start += size;
    return group;
  });
  const optimizer = new known[saved.name](groups, saved.groups[0]);
  const slots = saved.steps.map((step, i): Slot | null => {
    if (step === null) return null;
    const prefix = `optimizer.${i}.`;
    const own = [...moments].filter(([name]) => name.startsWith(prefix));
    return {
      step,
      ...Object.fromEntries(own.map(([name, x]) => [name.slice(prefix.length), x.data as Float64Array])),
    };
  });
  optimizer.loadStateDict({ name: saved.name, groups: saved.groups as never, sizes: saved.sizes, slots });
  return optimizer;
}

/** Tensors as a safetensors file, for other programs: `safetensors.torch.load_file` reads it. */
export function saveTensors(path: string, tensors: ReadonlyMap<string, Tensor>): void {
  writeFileAtomic(path, encodeTensors(tensors, new Map([["format", "pt"]])));
}

/** Reads any safetensors file of float32, float64 or int32 tensors. @throws {CheckpointError} if it is malformed. */
export function loadTensors(path: string): Map<string, Tensor> {
  return decodeTensors(readBytes(path), path).tensors;
}
