import { applyTemperature, rankTokens } from "../lm/sampling.ts";

/** One line of "what comes next". */
export interface Prediction {
  readonly id: number;
  /** At the chosen temperature. */
  readonly p: number;
  /** At temperature 1: what the model says. */
  readonly p1: number;
}

/** The most probable tokens, most probable first, at a temperature; 0 puts everything on the first. */
export function predictions(logProbs: Float64Array, temperature: number, count: number): Prediction[] {
  const tempered = applyTemperature(logProbs, temperature);
  return rankTokens(logProbs, count).map((id) => ({
    id,
    p: Math.exp(tempered[id]),
    p1: Math.exp(logProbs[id]),
  }));
}

/** H = −Σ p log₂ p in bits, at a temperature. 2^H equally probable tokens would be as uncertain. */
export function entropyBits(logProbs: Float64Array, temperature: number): number {
  let bits = 0;
  for (const lp of applyTemperature(logProbs, temperature))
    if (lp > -Infinity) bits -= (Math.exp(lp) * lp) / Math.LN2;
  return Math.max(0, bits);
}
