/** Logs of trainings and what is read off them, right and with the slips that lecture 17 names. */
import type { Generator } from "../../random.ts";

const mean = (list: readonly number[]): number => list.reduce((total, x) => total + x, 0) / list.length;

export interface Epoch {
  dev: number;
  test: number;
}
export type RowOf = (log: Epoch[][]) => Epoch;
export const bestBy =
  (key: "dev" | "test"): ((epochs: Epoch[]) => Epoch) =>
  (epochs) =>
    epochs.reduce((best, one) => (one[key] < best[key] ? one : best));
export const rowBy =
  (choose: (epochs: Epoch[]) => Epoch): RowOf =>
  (log) => {
    const chosen = log.map(choose);
    return { dev: mean(chosen.map(({ dev }) => dev)), test: mean(chosen.map(({ test }) => test)) };
  };
/**
 * The best epoch on dev and the best on test are different ones, and neither is the last; the seeds have their best epochs
 * at different places, and the seed that is best on dev is not the one that is best on test.
 */
export const logOfSeeds = (g: Generator): Epoch[][] => {
  const seeds = [0, 1, 2].map((seed) => {
    const level = 1.5 + 0.06 * seed + g.uniform(0, 0.02);
    const at = (dev: number, test: number) => ({
      dev: level + dev + g.uniform(0, 0.02),
      test: level + test + (seed === 0 ? 0.15 : 0) + g.uniform(0, 0.02),
    });
    const middle = [at(0.1, 0.05), at(0.06, 0.12)];
    return [at(0.4, 0.4), ...(seed === 1 ? middle.reverse() : middle), at(0.12, 0.2)];
  });
  return g.shuffle(seeds);
};

export type TrainingLog = { step: number; tokens: number; loss: number }[];
export type SameTokens = (a: TrainingLog, b: TrainingLog) => { tokens: number; a: number; b: number };
export const lastWithin = (log: TrainingLog, most: number): number =>
  log.filter(({ tokens }) => tokens <= most).at(-1)!.loss;
export const lastTokens = (log: TrainingLog): number => log[log.length - 1].tokens;
export const sameTokens: SameTokens = (a, b) => {
  const tokens = Math.min(lastTokens(a), lastTokens(b));
  return { tokens, a: lastWithin(a, tokens), b: lastWithin(b, tokens) };
};
export const logOfSteps = (g: Generator, steps: number, batch: number): TrainingLog => {
  let loss = g.uniform(3, 4);
  return Array.from({ length: steps }, (_, i) => {
    loss *= g.uniform(0.8, 0.95);
    return { step: i + 1, tokens: (i + 1) * batch, loss };
  });
};
