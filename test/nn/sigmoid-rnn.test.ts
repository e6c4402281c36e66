import { Generator, nn, randn } from "../golden/core.ts";
import { assertNumber, precisions } from "../golden/decode.ts";

/**
 * A sigmoid RNN and its gradients in plain loops, by the textbook's equations: PyTorch has no sigmoid RNN to compare
 * with, so this is the reference. Everything is [time][batch][unit] in nested arrays, one sum at a time.
 */
function reference(
  x: number[][][],
  h0: number[][],
  Wi: number[][],
  Wh: number[][],
  bi: number[],
  bh: number[],
  dOut: number[][][],
  dFinal: number[][],
) {
  const [T, B, I, H] = [x.length, x[0].length, x[0][0].length, bi.length];
  const zeros = (n: number, m: number) => Array.from({ length: n }, () => new Array<number>(m).fill(0));
  const h: number[][][] = [];
  for (let t = 0; t < T; t++) {
    const before = t === 0 ? h0 : h[t - 1];
    h.push(zeros(B, H));
    for (let b = 0; b < B; b++) {
      for (let j = 0; j < H; j++) {
        let a = bi[j] + bh[j];
        for (let i = 0; i < I; i++) a += Wi[j][i] * x[t][b][i];
        for (let k = 0; k < H; k++) a += Wh[j][k] * before[b][k];
        h[t][b][j] = 1 / (1 + Math.exp(-a));
      }
    }
  }
  const dx = x.map(() => zeros(B, I));
  const [dWi, dWh, db] = [zeros(H, I), zeros(H, H), new Array<number>(H).fill(0)];
  let dh = zeros(B, H).map((row, b) => row.map((_, j) => dFinal[b][j]));
  for (let t = T - 1; t >= 0; t--) {
    const before = t === 0 ? h0 : h[t - 1];
    const dBefore = zeros(B, H);
    for (let b = 0; b < B; b++) {
      for (let j = 0; j < H; j++) {
        const da = (dh[b][j] + dOut[t][b][j]) * h[t][b][j] * (1 - h[t][b][j]);
        db[j] += da;
        for (let i = 0; i < I; i++) {
          dWi[j][i] += da * x[t][b][i];
          dx[t][b][i] += da * Wi[j][i];
        }
        for (let k = 0; k < H; k++) {
          dWh[j][k] += da * before[b][k];
          dBefore[b][k] += da * Wh[j][k];
        }
      }
    }
    dh = dBefore;
  }
  return { h, dx, dh0: dh, dWi, dWh, db };
}

describe("nn.RNN with sigmoid", () => {
  for (const dtype of precisions) {
    it(`equals a reference in plain loops, values and gradients, in ${dtype}`, () => {
      const generator = new Generator("sigmoid");
      const [T, B, I, H] = [6, 3, 4, 5];
      const rnn = new nn.RNN(I, H, { nonlinearity: "sigmoid", generator, dtype });
      const x = randn([T, B, I], generator, { dtype, requiresGrad: true });
      const h0 = randn([1, B, H], generator, { dtype, requiresGrad: true });
      const dOut = randn([T, B, H], generator, { dtype });
      const dFinal = randn([1, B, H], generator, { dtype });
      const w = rnn.weights();

      const [output, final] = rnn.forward(x, h0);
      output.mul(dOut).sum().add(final.mul(dFinal).sum()).backward();

      const own = reference(
        x.toArray() as number[][][],
        (h0.toArray() as number[][][])[0],
        w.weightIh.toArray() as number[][],
        w.weightHh.toArray() as number[][],
        w.biasIh!.toArray() as number[],
        w.biasHh!.toArray() as number[],
        dOut.toArray() as number[][][],
        (dFinal.toArray() as number[][][])[0],
      );
      const tolerance = dtype === "float64" ? 1e-12 : 2e-6;
      const compare = (actual: ArrayLike<number>, expected: unknown[], what: string) => {
        const flat = expected.flat(3) as number[];
        if (actual.length !== flat.length) throw new Error(`${what}: ${actual.length} values`);
        for (const [i, r] of flat.entries()) assertNumber(actual[i], r, tolerance, `${what} ${i}`);
      };
      compare(output.data, own.h, "output");
      compare(final.data, own.h[T - 1], "final state");
      compare(x.grad!.data, own.dx, "gradient of x");
      compare(h0.grad!.data, own.dh0, "gradient of h0");
      compare(w.weightIh.grad!.data, own.dWi, "gradient of weightIh");
      compare(w.weightHh.grad!.data, own.dWh, "gradient of weightHh");
      compare(w.biasIh!.grad!.data, own.db, "gradient of biasIh");
      compare(w.biasHh!.grad!.data, own.db, "gradient of biasHh");
    });
  }
});
