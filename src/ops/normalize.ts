import { type Shape, sameShape, type TypedArray } from "../array/ndarray.ts";
import { named, on } from "../autograd/define.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { expectNumber, formatShape, ShapeError } from "../errors.ts";
import { moments } from "../kernels/rows.ts";
import { add, mul } from "./elementwise.ts";
import { rowwise } from "./rowwise.ts";

/**
 * Layer normalisation (Ba, Kiros & Hinton 2016) over the last dimensions:
 * y = (x − x̄) / √(var + ε) ⊙ weight + bias, with the biased variance.
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: Shape,
  { weight, bias, eps = 1e-5 }: { weight?: Tensor | null; bias?: Tensor | null; eps?: number } = {},
): Tensor {
  return named("layerNorm", () => {
    const standard = standardize(x, normalizedShape, eps);
    const scaled = weight ? mul(standard, weight) : standard;
    return bias ? add(scaled, bias) : scaled;
  });
}

const standardize = rowwise<[Shape, number]>({
  name: "layerNorm",
  formula:
    "y = (x − x̄) / √(var + ε) over the last dimensions; dx = (dy − mean dy − y ⊙ mean(dy ⊙ y)) / √(var + ε)",
  dims(shape, normalizedShape, eps) {
    expectNumber(eps, "eps", { min: 0 });
    const first = shape.length - normalizedShape.length;
    if (normalizedShape.length === 0 || first < 0 || !sameShape(shape.slice(first), normalizedShape)) {
      throw new ShapeError(
        `the last dimensions of ${formatShape(shape)} are not ${formatShape(normalizedShape)}`,
      );
    }
    return normalizedShape.map((_, d) => first + d);
  },
  forward(x, y, _, eps) {
    const { mean, scale } = scaling(x, eps);
    for (let i = 0; i < x.length; i++) y[i] = (x[i] - mean) * scale;
  },
  keep: "x", // y again from x is not rounded: the parts of dx cancel as far as they do in exact numbers
  backward(dy, x, dx, _, eps) {
    const n = x.length;
    const { mean, scale } = scaling(x, eps);
    let meanDy = 0;
    let meanDyY = 0;
    for (let i = 0; i < n; i++) {
      meanDy += dy[i] / n;
      meanDyY += (dy[i] * (x[i] - mean) * scale) / n;
    }
    for (let i = 0; i < n; i++) dx[i] = scale * (dy[i] - meanDy - (x[i] - mean) * scale * meanDyY);
  },
  samples: [
    on([2, 3]).with([3], 1e-5),
    on([1]).with([1], 0.1),
    on([2, 3]).with([2, 3], 1e-2),
    on([0, 3]).with([3], 0.5),
  ],
});

/** Mean and 1/√(var + ε) of a row. */
function scaling(x: TypedArray, eps: number): { mean: number; scale: number } {
  const { mean, variance } = moments(x);
  return { mean, scale: 1 / Math.sqrt(variance + eps) };
}
