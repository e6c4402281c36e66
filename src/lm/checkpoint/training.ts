import { sameShape } from "../../array/ndarray.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { CheckpointError, describe, formatShape } from "../../errors.ts";
import type { Parameter } from "../../nn/module.ts";
import { RecurrentState } from "../neural/state.ts";
import type { TrainingState } from "../training/state.ts";

/** A training's state in a checkpoint: of its tensors only how many there are. They stand beside it. */
export type TrainingRecord = Omit<TrainingState, "carried" | "bestWeights" | "lastWeights" | "generators"> & {
  carried: number;
  bestWeights: number;
  lastWeights: number;
};

export function describeTraining({
  carried,
  bestWeights,
  lastWeights,
  generators: _, // saved with the model
  ...rest
}: TrainingState): { record: TrainingRecord; tensors: Map<string, Tensor> } {
  const lists = { carried: carried?.tensors ?? [], best: bestWeights, last: lastWeights };
  const tensors = new Map<string, Tensor>();
  for (const [name, list] of Object.entries(lists))
    list.forEach((x, i) => void tensors.set(`${name}.${i}`, x));
  const [{ length: best }, { length: last }] = [bestWeights, lastWeights];
  return {
    record: { ...rest, carried: lists.carried.length, bestWeights: best, lastWeights: last },
    tensors,
  };
}

/** @throws {CheckpointError} naming the field or tensor that is missing or does not fit the parameters. */
export function readTraining(
  record: TrainingRecord,
  generators: TrainingState["generators"],
  tensors: ReadonlyMap<string, Tensor>,
  parameters: readonly Parameter[],
): TrainingState {
  for (const field of ["step", "epoch", "stepInEpoch", "tokens", "epochTokens", "carried"] as const) {
    if (!Number.isSafeInteger(record[field]) || record[field] < 0) refuse(field, record[field]);
  }
  if (!Number.isFinite(record.epochNll)) refuse("epochNll", record.epochNll);
  const { best, parts, settings } = record;
  if (best !== null && ![best.loss, best.epoch, best.waited].every(Number.isFinite)) refuse("best", best);
  if (!parts?.optimizer || !Number.isFinite(parts.weights)) refuse("parts", parts);
  if (!settings?.corpus) refuse("settings", settings);
  const list = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => {
      const x = tensors.get(`${name}.${i}`);
      if (!x) throw new CheckpointError(`${name}.${i} is missing`);
      return x;
    });
  const weights = (name: string, count: number) => {
    if (count !== 0 && count !== parameters.length) refuse(`${name}Weights`, count);
    const found = list(name, count);
    const odd = found.findIndex((x, i) => !sameShape(x.shape, parameters[i].shape));
    if (odd < 0) return found;
    const [is, should] = [found[odd], parameters[odd]].map(({ shape }) => formatShape(shape));
    throw new CheckpointError(`${name}.${odd} is ${is}, the parameter ${should}`);
  };
  const { carried } = record;
  return {
    ...record,
    generators,
    carried: carried > 0 ? new RecurrentState(list("carried", carried)) : null,
    bestWeights: weights("best", record.bestWeights),
    lastWeights: weights("last", record.lastWeights),
  };
}

function refuse(field: string, value: unknown): never {
  throw new CheckpointError(`the training's ${field} cannot be ${describe(value)}`);
}
