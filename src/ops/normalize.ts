import { type Shape, sameShape } from "../array/ndarray.ts";
import { named } from "../autograd/define.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { expectNumber, formatShape, ShapeError } from "../errors.ts";
import { add, div, mul, sqrt, square, sub } from "./elementwise.ts";
import { mean } from "./reduce.ts";

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
    expectNumber(eps, "eps", { min: 0 });
    const first = x.ndim - normalizedShape.length;
    if (normalizedShape.length === 0 || !sameShape(x.shape.slice(Math.max(0, first)), normalizedShape)) {
      const shapes = `${formatShape(x.shape)} must be ${formatShape(normalizedShape)}`;
      throw new ShapeError(`the last dimensions of ${shapes}`);
    }
    const over = { dim: normalizedShape.map((_, d) => first + d), keepdim: true };
    const deviation = sub(x, mean(x, over));
    const standard = div(deviation, sqrt(add(mean(square(deviation), over), eps)));
    const scaled = weight ? mul(standard, weight) : standard;
    return bias ? add(scaled, bias) : scaled;
  });
}
