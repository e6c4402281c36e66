/** One LSTM step on lists, forward and back, right and with the slips that lecture 09 names. Blocks stand as i f g o. */
import type { Generator } from "../../random.ts";
import { type Mat, matrixOf, plus, stateOf, times, timesTransposed, type Vec, vectorOf } from "./vectors.ts";

export const sigma = (a: number): number => 1 / (1 + Math.exp(-a));
export const by = (...parts: Vec[]): Vec => parts.reduce((a, b) => a.map((x, j) => x * b[j]));
export const oneMinus = (v: Vec): Vec => v.map((x) => 1 - x);
export const tanhSlope = (v: Vec): Vec => v.map((x) => 1 - x * x);
const blocks = <T>(list: T[]): T[][] => {
  const N = list.length / 4;
  return [0, 1, 2, 3].map((k) => list.slice(k * N, (k + 1) * N));
};

/** The weights of one layer as the library keeps them. */
export interface Stored {
  weightIh: Mat;
  weightHh: Mat;
  biasIh: Vec;
  biasHh: Vec;
}
export type OneStep = (weights: Stored, x: Vec, h: Vec, c: Vec) => { h: Vec; c: Vec };

export interface StepSlip {
  order?: readonly [i: number, f: number, g: number, o: number];
  biases?: (w: Stored) => Vec;
  keep?: (f: Vec) => Vec;
  shown?: (c: Vec) => Vec;
}

/** c' = f ⊙ c + i ⊙ g, h' = o ⊙ tanh c'. */
export const stepBy =
  ({
    order = [0, 1, 2, 3],
    biases = (w) => plus(w.biasIh, w.biasHh),
    keep = (f) => f,
    shown = (c) => c.map(Math.tanh),
  }: StepSlip = {}): OneStep =>
  (w, x, h, c) => {
    const a = blocks(plus(plus(times(w.weightIh, x), times(w.weightHh, h)), biases(w)));
    const [i, f, g, o] = order.map((k) => a[k]);
    const next = plus(by(keep(f.map(sigma)), c), by(i.map(sigma), g.map(Math.tanh)));
    return { h: by(o.map(sigma), shown(next)), c: next };
  };

/** What a step has computed, as an exercise hands it out. */
export interface Values {
  i: Vec;
  f: Vec;
  g: Vec;
  o: Vec;
  cBefore: Vec;
  c: Vec;
}

export function valuesOf(generator: Generator, N: number): Values {
  const gate = () => vectorOf(generator, N).map(sigma);
  const [i, f, o] = [gate(), gate(), gate()];
  const [g, cBefore] = [stateOf(generator, N), vectorOf(generator, N)];
  return { i, f, g, o, cBefore, c: plus(by(f, cBefore), by(i, g)) };
}

/** dc_t in full: from step t + 1, and by way of h_t. */
const fullDc = ({ o, c }: Values, dh: Vec, dcLater: Vec): Vec =>
  plus(dcLater, by(dh, o, tanhSlope(c.map(Math.tanh))));
export const onlyByH = (values: Values, dh: Vec): Vec =>
  fullDc(
    values,
    dh,
    dh.map(() => 0),
  );

export type ForgetGradient = (values: Values, dh: Vec, dcLater: Vec) => Vec;
/** da_f = dc ⊙ c_{t−1} ⊙ f(1 − f). */
export const forgetBy =
  (
    dc: typeof fullDc = fullDc,
    cell: (v: Values) => Vec = (v) => v.cBefore,
    slope: (f: Vec) => Vec = (f) => by(f, oneMinus(f)),
  ): ForgetGradient =>
  (values, dh, dcLater) =>
    by(dc(values, dh, dcLater), cell(values), slope(values.f));

export type StepBack = (R: Mat, values: Values, dh: Vec, dcLater: Vec) => { dhBefore: Vec; dcBefore: Vec };
export interface BackSlip {
  dc?: typeof fullDc;
  output?: boolean;
  back?: (R: Mat, da: Vec) => Vec;
  keep?: (f: Vec) => Vec;
}
/** dh_{t−1} = Rᵀ da and dc_{t−1} = dc ⊙ f. */
export const backBy =
  ({ dc: dcBy = fullDc, output = true, back = timesTransposed, keep = (f) => f }: BackSlip = {}): StepBack =>
  (R, values, dh, dcLater) => {
    const { i, f, g, o, cBefore, c } = values;
    const dc = dcBy(values, dh, dcLater);
    const daO = by(dh, c.map(Math.tanh), o, oneMinus(o)).map((v) => (output ? v : 0));
    const da = [by(dc, g, i, oneMinus(i)), by(dc, cBefore, f, oneMinus(f)), by(dc, i, tanhSlope(g)), daO];
    return { dhBefore: back(R, da.flat()), dcBefore: by(dc, keep(f)) };
  };

export type Paths = (R: Mat, before: { o: Vec; c: Vec }, values: Values) => { cell: Mat; total: Mat };
export interface PathSlip {
  /** ∂h_{t−1}/∂c_{t−1}, on its diagonal. */
  through?: (before: { o: Vec; c: Vec }) => Vec;
  forget?: boolean;
  turned?: boolean;
}
const diagonal = (v: Vec): Mat => v.map((x, j) => v.map((_, k) => (j === k ? x : 0)));
/** ∂c_t/∂c_{t−1} along the cell path, diag(f), and in total. */
export const pathsBy =
  ({
    through = ({ o, c }) => by(o, tanhSlope(c.map(Math.tanh))),
    forget = true,
    turned = false,
  }: PathSlip = {}): Paths =>
  (R, before, { i, f, g, cBefore }) => {
    const slopes = [
      by(g, i, oneMinus(i)),
      by(cBefore, f, oneMinus(f)).map((v) => (forget ? v : 0)),
      by(i, tanhSlope(g)),
    ];
    const fromC = through(before);
    const parts = blocks(R);
    const gates = (j: number, k: number) =>
      slopes.reduce((s, slope, b) => s + slope[j] * (turned ? parts[b][k][j] : parts[b][j][k]), 0);
    const total = diagonal(f).map((row, j) => row.map((v, k) => v + gates(j, k) * fromC[k]));
    return { cell: diagonal(f), total };
  };

export const recurrentOf = (generator: Generator, N: number): Mat => matrixOf(generator, 4 * N, N);

export type Reorder = (rows: Mat) => Mat;
/** Blocks of rows in another order. */
export const reorderBy =
  (order: readonly number[]): Reorder =>
  (rows) =>
    order.flatMap((k) => blocks(rows)[k]);
