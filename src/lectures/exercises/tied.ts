import { type Mat, plus, plusMat } from "./vectors.ts";

export const zeros = (n: number, m: number): Mat =>
  Array.from({ length: n }, () => new Array<number>(m).fill(0));

/** The part of dE that comes from the lookups: each read row adds its gradient. */
export function fromLookups(E: Mat, ids: readonly number[], dX: Mat): Mat {
  const dE = zeros(E.length, E[0].length);
  ids.forEach((id, t) => {
    dE[id] = plus(dE[id], dX[t]);
  });
  return dE;
}

/** The part that comes from the logits, z_t = E h_t: Σ dz_t h_tᵀ. */
export const fromLogits = (E: Mat, h: Mat, dZ: Mat): Mat =>
  h.reduce(
    (dE, one, t) =>
      plusMat(
        dE,
        dZ[t].map((d) => one.map((x) => d * x)),
      ),
    zeros(E.length, E[0].length),
  );

/** The gradient of a table that serves as input and as output: the sum of both uses. */
export type TiedBack = (E: Mat, ids: number[], dX: Mat, h: Mat, dZ: Mat) => Mat;
export const tiedBack: TiedBack = (E, ids, dX, h, dZ) =>
  plusMat(fromLookups(E, ids, dX), fromLogits(E, h, dZ));
