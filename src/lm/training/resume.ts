import type { Tensor } from "../../autograd/tensor.ts";
import { ArgumentError } from "../../errors.ts";
import type { Parameter } from "../../nn/module.ts";
import type { Corpus } from "../../text/corpus.ts";
import type { History } from "../history.ts";
import type { SettledOptions } from "./options.ts";
import {
  fingerprint,
  type TrainingParts,
  type TrainingSettings,
  type TrainingState,
  weightsFingerprint,
} from "./state.ts";

export function settingsOf(options: SettledOptions, corpus: Corpus): TrainingSettings {
  const { batchSize, bptt, carryState, reduction, seed } = options;
  const { name, train, vocabulary } = corpus;
  return {
    batchSize,
    bptt,
    carryState,
    reduction,
    seed: String(seed),
    corpus: { name, tokens: train.length, vocabulary: vocabulary.size, fingerprint: fingerprint(train) },
  };
}

export function partsOf(parameters: readonly Tensor[], options: SettledOptions): TrainingParts {
  const { name, slots } = options.optimizer.stateDict();
  const schedule = options.schedule?.state();
  return {
    weights: weightsFingerprint(parameters),
    optimizer: { name, updates: slots.reduce((sum, slot) => sum + (slot?.step ?? 0), 0) },
    schedule: schedule ? { name: schedule.name, count: schedule.count } : null,
  };
}

/** The state of a training that has not begun. */
export function freshState(
  start: Pick<TrainingState, "settings" | "parts" | "position" | "generators">,
): TrainingState {
  return {
    step: 0,
    epoch: 1,
    stepInEpoch: 0,
    tokens: 0,
    epochNll: 0,
    epochTokens: 0,
    carried: null,
    best: null,
    bestWeights: [],
    lastWeights: [],
    ...start,
  };
}

/**
 * The state from which a history goes on, a copy.
 * @throws {ArgumentError} naming the setting that was another one, or the part that is not as the training left it.
 */
export function resumedState(
  history: History,
  settings: TrainingSettings,
  parts: TrainingParts,
): TrainingState {
  const { state } = history;
  if (!state) {
    throw new ArgumentError(
      "train: this history has no position to resume from; load it with its checkpoint (lm.load)",
    );
  }
  for (const key of Object.keys(settings) as (keyof TrainingSettings)[]) {
    const [before, now] = [state.settings[key], settings[key]].map((value) => JSON.stringify(value));
    if (before !== now) refuse(`${key} was ${before}, now it is ${now}`);
  }
  if (parts.weights !== state.parts.weights) {
    refuse(
      "the model's weights are not those that this history ended with; was the model made anew, or trained on?",
    );
  }
  const { optimizer, schedule } = state.parts;
  if (parts.optimizer.name !== optimizer.name || parts.optimizer.updates !== optimizer.updates) {
    const [before, now] = [optimizer, parts.optimizer].map(
      ({ name, updates }) => `${name} after ${updates} updates`,
    );
    refuse(
      `the optimizer was ${before}, now it is ${now}; give the same object, or the one that lm.load returns`,
    );
  }
  if (parts.schedule?.name !== schedule?.name || parts.schedule?.count !== schedule?.count) {
    const [before, now] = [schedule, parts.schedule].map((s) =>
      s ? `${s.name} after ${s.count} steps` : "none",
    );
    refuse(
      `the schedule was ${before}, now it is ${now}; give the same object, or a new one with ` +
        "schedule.loadState(loaded.scheduleState)",
    );
  }
  return { ...state, best: state.best && { ...state.best } };
}

function refuse(why: string): never {
  throw new ArgumentError(`train: cannot resume: ${why}`);
}

export function copyWeights(parameters: readonly Parameter[]): Tensor[] {
  return parameters.map((p) => p.detach().clone());
}

export function putWeights(parameters: readonly Parameter[], weights: readonly Tensor[]): void {
  parameters.forEach((p, i) => {
    p.changeData((data) => data.set(weights[i].data));
  });
}
