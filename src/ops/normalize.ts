import { allocate, NDArray, sizeOf } from "../array/ndarray.ts";
import { defineOp, expectFloat } from "../autograd/define.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { expectNumber, formatShape, ShapeError } from "../errors.ts";
import { add, mul } from "./elementwise.ts";

/**
 * Layer normalisation (Ba, Kiros & Hinton 2016) over the last dimensions:
 * y = (x − x̄) / √(var + ε) ⊙ weight + bias, with the biased variance.
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: readonly number[],
  { weight, bias, eps = 1e-5 }: { weight?: Tensor | null; bias?: Tensor | null; eps?: number } = {},
): Tensor {
  const standard = standardize(x, normalizedShape, eps);
  const scaled = weight ? mul(standard, weight) : standard;
  return bias ? add(scaled, bias) : scaled;
}

const standardize = defineOp<[NDArray], [readonly number[], number]>({
  name: "layerNorm",
  formula: "y = (x − x̄) / √(var + ε) over the last dimensions",
  derivative: "dx = (dy − mean dy − y ⊙ mean(dy ⊙ y)) / √(var + ε)",
  inputs: 1,
  forward(x, normalizedShape, eps) {
    expectFloat(x);
    expectNumber(eps, "eps", { min: 0 });
    const n = sizeOf(normalizedShape);
    const last = x.shape.slice(x.ndim - normalizedShape.length);
    if (
      normalizedShape.length === 0 ||
      last.length !== normalizedShape.length ||
      last.some((s, d) => s !== normalizedShape[d])
    ) {
      throw new ShapeError(
        `the last dimensions of ${formatShape(x.shape)} are not ${formatShape(normalizedShape)}`,
      );
    }
    const data = x.flat();
    const out = allocate(x.dtype, data.length);
    const scales = new Float64Array(n === 0 ? 0 : data.length / n);
    for (let r = 0; r < scales.length; r++) {
      const row = data.subarray(r * n, (r + 1) * n);
      let mean = 0;
      for (const v of row) mean += v / n;
      let variance = 0;
      for (const v of row) variance += (v - mean) ** 2 / n;
      scales[r] = 1 / Math.sqrt(variance + eps);
      for (let i = 0; i < n; i++) out[r * n + i] = (row[i] - mean) * scales[r];
    }
    const { shape, dtype } = x;
    return [
      new NDArray(out, shape),
      (dy) => {
        const g = dy.flat();
        const dx = allocate(dtype, g.length);
        for (let r = 0; r < scales.length; r++) {
          let meanG = 0;
          let meanGy = 0;
          for (let i = r * n; i < (r + 1) * n; i++) {
            meanG += g[i] / n;
            meanGy += (g[i] * out[i]) / n;
          }
          for (let i = r * n; i < (r + 1) * n; i++) dx[i] = scales[r] * (g[i] - meanG - out[i] * meanGy);
        }
        return [new NDArray(dx, shape)];
      },
    ];
  },
  samples: [
    { inputs: [[3]], attrs: [[3], 1e-5] },
    { inputs: [[2, 3]], attrs: [[3], 1e-5] },
    { inputs: [[2, 3]], attrs: [[2, 3], 1e-2] },
    { inputs: [[2, 2, 4]], attrs: [[4], 1e-5] },
    { inputs: [[0, 3]], attrs: [[3], 1e-5] },
    { inputs: [[2, 3]], attrs: [[3], 0.5] },
  ],
});
