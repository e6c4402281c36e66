import assert from "node:assert/strict";
import { buildParts } from "../../src/experiment/build.ts";
import { checkConfig, type ScheduleConfig } from "../../src/experiment/config.ts";

describe("what a configuration is made into", () => {
  const rates = (schedule: ScheduleConfig, steps: number): number[] => {
    const config = {
      name: "one",
      corpus: "harbour",
      model: { type: "RecurrentLM", cell: "rnn", embeddingSize: 4, hiddenSize: 4, seed: 1 },
      optimizer: { type: "SGD", lr: 1 },
      schedule,
    };
    const parts = buildParts(checkConfig(config, "c.json"));
    return Array.from({ length: steps }, () => {
      parts.schedule!.step(2);
      return Number(parts.optimizer.lr.toFixed(6));
    });
  };

  it("has every kind of schedule, per epoch and per step", () => {
    for (const per of [{}, { per: "epoch" }, { per: "step" }] as const) {
      assert.deepEqual(rates({ type: "StepLR", ...per, stepSize: 2, gamma: 0.5 }, 4), [1, 0.5, 0.5, 0.25]);
      assert.deepEqual(rates({ type: "ExponentialLR", ...per, gamma: 0.5 }, 3), [0.5, 0.25, 0.125]);
      assert.deepEqual(rates({ type: "CosineAnnealingLR", ...per, tMax: 2, etaMin: 0.5 }, 2), [0.75, 0.5]);
      assert.deepEqual(
        rates({ type: "ReduceLROnPlateau", ...per, factor: 0.1, patience: 1 }, 4),
        [1, 1, 0.1, 0.1],
      );
      assert.deepEqual(rates({ type: "decayAfter", ...per, after: 2, factor: 0.5 }, 3), [1, 0.5, 0.25]);
    }
  });
});
