import { allocate, NDArray, sameShape, sizeOf } from "../array/ndarray.ts";
import { defineOp, named, on } from "../autograd/define.ts";
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
  return named("layerNorm", () => {
    const standard = standardize(x, normalizedShape, eps);
    const scaled = weight ? mul(standard, weight) : standard;
    return bias ? add(scaled, bias) : scaled;
  });
}

const standardize = defineOp<[NDArray], [readonly number[], number]>({
  name: "layerNorm",
  formula: "y = (x − x̄) / √(var + ε) over the last dimensions",
  derivative: "dx = (dy − mean dy − y ⊙ mean(dy ⊙ y)) / √(var + ε)",
  inputs: { x: "float" },
  forward(x, normalizedShape, eps) {
    const { shape, dtype } = x;
    expectNumber(eps, "eps", { min: 0 });
    const n = sizeOf(normalizedShape);
    const last = shape.slice(Math.max(0, shape.length - normalizedShape.length));
    if (normalizedShape.length === 0 || !sameShape(last, normalizedShape)) {
      throw new ShapeError(
        `the last dimensions of ${formatShape(shape)} are not ${formatShape(normalizedShape)}`,
      );
    }
    const data = x.flat();
    const y = allocate(dtype, data.length);
    const rows = n === 0 ? 0 : data.length / n;
    const means = new Float64Array(rows);
    const scales = new Float64Array(rows);
    for (let r = 0; r < rows; r++) {
      const [start, end] = [r * n, (r + 1) * n];
      for (let i = start; i < end; i++) means[r] += data[i] / n;
      let variance = 0;
      for (let i = start; i < end; i++) variance += (data[i] - means[r]) ** 2 / n;
      scales[r] = 1 / Math.sqrt(variance + eps);
      for (let i = start; i < end; i++) y[i] = (data[i] - means[r]) * scales[r];
    }
    const pull = (dy: NDArray) => {
      const g = dy.flat();
      const dx = allocate(dtype, g.length);
      // y again, but not rounded: the parts of dx should cancel as far as they do in exact numbers.
      const exact = (i: number, r: number) => (data[i] - means[r]) * scales[r];
      for (let r = 0; r < rows; r++) {
        let meanG = 0;
        let meanGy = 0;
        for (let i = r * n; i < (r + 1) * n; i++) {
          meanG += g[i] / n;
          meanGy += (g[i] * exact(i, r)) / n;
        }
        for (let i = r * n; i < (r + 1) * n; i++) dx[i] = scales[r] * (g[i] - meanG - exact(i, r) * meanGy);
      }
      return new NDArray(dx, shape);
    };
    return [new NDArray(y, shape), [pull]];
  },
  samples: [
    on([3]).with([3], 1e-5),
    on([1]).with([1], 0.1),
    on([2, 3]).with([3], 1e-5),
    on([2, 3]).with([2, 3], 1e-2),
    on([2, 2, 4]).with([4], 1e-5),
    on([0, 3]).with([3], 1e-5),
    on([2, 3]).with([3], 0.5),
  ],
});
