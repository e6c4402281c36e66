import type { Parameter } from "../../nn/module.ts";
import { clipGradNorm, gradNorm } from "../../optim/clip.ts";
import type { Clipping, Optimizer } from "../../optim/optimizer.ts";
import type { Batch } from "../neural/batch.ts";
import type { NeuralLM } from "../neural/neural-lm.ts";
import type { RecurrentState } from "../neural/state.ts";
import type { SettledOptions } from "./options.ts";

export interface StepResult {
  /** Mean −ln p of the batch before the update. */
  loss: number;
  /** Norm of the gradient before clipping. */
  gradNorm: number;
  /** The learning rate of the update. */
  lr: number;
  /** The state that the next batch starts from. */
  carried: RecurrentState | null;
}

/**
 * One step: forward, backward, clip, update. Nothing but gradients is changed unless loss and gradient are finite;
 * where they are not, what `diverged` makes of it is thrown.
 */
export function takeStep(
  model: NeuralLM,
  parameters: readonly Parameter[],
  batch: Batch,
  before: RecurrentState | null,
  { optimizer, clipNorm, clipValue, carryState, reduction }: SettledOptions,
  diverged: (what: string) => Error,
): StepResult {
  // Of all parameters: those that the optimizer leaves alone have gradients too, which would add up.
  for (const p of parameters) p.zeroGrad();
  const { loss, state } = model.lossOf(batch, before);
  const value = loss.item();
  if (!Number.isFinite(value)) throw diverged(`the loss is ${value}`);
  (reduction === "sumOverTime" ? loss.mul(batch.steps) : loss).backward();
  const { lr } = optimizer;
  const gradNorm = update(parameters, optimizer, { clipNorm, clipValue }, diverged);
  // Detached: the next window starts from these numbers, not from the graph that computed them.
  return { loss: value, gradNorm, lr, carried: carryState && state ? state.detach() : null };
}

/** Clips and updates. @returns the norm of all gradients before clipping. */
function update(
  parameters: readonly Parameter[],
  optimizer: Optimizer,
  { clipNorm, clipValue }: Clipping,
  diverged: (what: string) => Error,
): number {
  const optimized = new Set(optimizer.groups.flatMap((group) => group.params));
  const checked = (norm: number) => {
    if (Number.isFinite(norm)) return norm;
    throw diverged(`the gradient norm is ${norm}`);
  };
  if (parameters.every((p) => p.gradient === null || optimized.has(p))) {
    return checked(optimizer.step({ clipNorm, clipValue }));
  }
  // The norm is that of all the model's gradients, those that the optimizer does not know included.
  const norm = checked(clipNorm === undefined ? gradNorm(parameters) : clipGradNorm(parameters, clipNorm));
  optimizer.step({ clipValue });
  return norm;
}
