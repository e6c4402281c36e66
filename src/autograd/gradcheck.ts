import { NDArray } from "../array/ndarray.ts";
import { ArgumentError, AutogradError, formatShape } from "../errors.ts";
import { noGrad } from "./mode.ts";
import { Tensor } from "./tensor.ts";

export interface GradcheckOptions {
  /** Half the distance of the two points of the central difference. */
  eps?: number;
  /** A derivative passes if |analytic − numeric| ≤ atol + rtol · max(|analytic|, |numeric|). */
  atol?: number;
  rtol?: number;
}

/**
 * Compares the gradients of `f` with central differences (f(x + ε) − f(x − ε)) / 2ε, for every element of every
 * input that requires a gradient. Results with more than one element are weighted by fixed odd numbers and summed,
 * so that each output has its own share.
 *
 * @param f must compute the same from the same inputs: draw random numbers outside.
 * @param inputs float64: with ε = 1e-6 a float32 difference is mostly rounding error.
 * @returns the largest deviation found, relative to 1 + the size of the derivative.
 * @throws {AutogradError} naming input, index, analytic and numeric value of the first derivative that fails.
 */
export function gradcheck(
  f: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  { eps = 1e-6, atol = 1e-7, rtol = 1e-6 }: GradcheckOptions = {},
): { maxError: number; checked: number } {
  const differentiable = inputs.map((x) => x.dtype !== "int32");
  inputs.forEach((x, i) => {
    if (x.dtype === "float32")
      throw new ArgumentError(`gradcheck: input ${i} is float32; use float64: to("float64")`);
  });
  const leaves = inputs.map((x, i) => new Tensor(x.value, { requiresGrad: differentiable[i] }));
  const loss = weightedSum(f(...leaves));
  loss.backward();
  let maxError = 0;
  let checked = 0;
  inputs.forEach((x, i) => {
    if (!differentiable[i]) return;
    const analytic = leaves[i].grad?.data ?? new Float64Array(x.size);
    for (let j = 0; j < x.size; j++) {
      const at = (delta: number) =>
        noGrad(() =>
          weightedSum(f(...inputs.map((other, k) => (k === i ? nudged(other, j, delta) : other)))).item(),
        );
      const numeric = (at(eps) - at(-eps)) / (2 * eps);
      const error = Math.abs(analytic[j] - numeric);
      const size = Math.max(Math.abs(analytic[j]), Math.abs(numeric));
      if (!(error <= atol + rtol * size)) {
        throw new AutogradError(
          `gradcheck: input ${i} ${formatShape(x.shape)}, element ${formatShape(indexOf(j, x.shape))}: ` +
            `analytic ${analytic[j]}, numeric ${numeric} (difference ${error.toExponential(2)})`,
        );
      }
      maxError = Math.max(maxError, error / (1 + size));
      checked++;
    }
  });
  return { maxError, checked };
}

/** Σ wᵢ yᵢ over all results, with weights that are all different and never 0. */
function weightedSum(results: Tensor | readonly Tensor[]): Tensor {
  const list = results instanceof Tensor ? [results] : results;
  let total: Tensor | undefined;
  let k = 0;
  for (const y of list) {
    if (y.dtype === "int32") continue;
    const weights = new Tensor(
      new NDArray(
        Float64Array.from({ length: y.size }, () => Math.cos(1 + 0.7 * k++)),
        y.shape,
      ),
    );
    const part = y.mul(weights).sum();
    total = total ? total.add(part) : part;
  }
  if (!total) throw new ArgumentError("gradcheck: the function returns no float tensor");
  return total;
}

/** A copy of x, in the same memory layout, with one element moved. */
function nudged(x: Tensor, element: number, delta: number): Tensor {
  const { data, shape, strides, offset } = x.value;
  const index = indexOf(element, shape);
  const copy = data.slice();
  copy[index.reduce((place, i, d) => place + i * strides[d], offset)] += delta;
  return new Tensor(new NDArray(copy, shape, strides, offset));
}

/** Position in row-major order → index. */
function indexOf(position: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = position;
  for (let d = shape.length - 1; d >= 0; d--) {
    index.unshift(rest % shape[d]);
    rest = Math.floor(rest / shape[d]);
  }
  return index;
}
