import { generate, NDArray, type Shape, sizeOf } from "../array/ndarray.ts";
import { ArgumentError, AutogradError, describe, formatShape } from "../errors.ts";
import { noGrad } from "./mode.ts";
import { Tensor } from "./tensor.ts";

/** Step and tolerances of `gradcheck`. */
export interface GradcheckOptions {
  /** ε, half the distance of the two points of the central difference; default 1e-6. */
  eps?: number;
  /** A derivative passes if |analytic − numeric| ≤ atol + rtol · max(|analytic|, |numeric|); default 1e-7. */
  atol?: number;
  /** Default 1e-6. */
  rtol?: number;
}

/**
 * Compares the gradients of `f` with central differences (f(x + ε) − f(x − ε)) / 2ε, for every element of every
 * float input. Results with more than one element are weighted by fixed odd numbers and summed, so that each output
 * has its own share.
 *
 * @param f must compute the same from the same inputs: draw random numbers outside.
 * @param inputs a list of float64 tensors (`tensor(…, { dtype: "float64" })` or `x.to("float64")`), because with
 *   ε = 1e-6 a float32 difference is mostly rounding error; int32 tensors are passed on as they are. They need no
 *   `requiresGrad`: copies are differentiated, and their own `grad` stays as it is.
 * @returns the largest deviation found, relative to 1 + the size of the derivative.
 * @throws {ArgumentError} for inputs that are no list of tensors or float32, or an f that returns no float tensor.
 * @throws {AutogradError} naming input, index, analytic and numeric value of the first derivative that fails.
 */
export function gradcheck(
  f: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  { eps = 1e-6, atol = 1e-7, rtol = 1e-6 }: GradcheckOptions = {},
): { maxError: number; checked: number } {
  if (!Array.isArray(inputs) || inputs.length === 0)
    throw new ArgumentError("gradcheck: give the inputs as a list: gradcheck(f, [x])");
  const leaves = inputs.map((x: Tensor, i) => {
    if (!(x instanceof Tensor)) throw new ArgumentError(`gradcheck: input ${i} is ${describe(x)}, no tensor`);
    if (x.dtype !== "float32") return new Tensor(x.value, { requiresGrad: x.dtype === "float64" });
    throw new ArgumentError(`gradcheck: input ${i} is float32; use float64: to("float64")`);
  });
  weightedSum(f(...leaves)).backward();
  let maxError = 0;
  let checked = 0;
  leaves.forEach((x, i) => {
    if (!x.requiresGrad) return;
    const analytic = x.grad?.data ?? new Float64Array(x.size);
    for (let j = 0; j < x.size; j++) {
      const lossAt = (delta: number) =>
        noGrad(() => weightedSum(f(...inputs.with(i, nudged(x, j, delta)))).item());
      const numeric = (lossAt(eps) - lossAt(-eps)) / (2 * eps);
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
  let k = 0;
  const list = Array.isArray(results) ? (results as Tensor[]) : [results as Tensor];
  const odd = list.findIndex((y) => !(y instanceof Tensor));
  if (odd >= 0) throw new ArgumentError(`gradcheck: the function returns ${describe(list[odd])}, no tensor`);
  const parts = list
    .filter((y) => y.dtype !== "int32")
    .map((y) => y.mul(new Tensor(generate(y.shape, "float64", () => Math.cos(1 + 0.7 * k++)))).sum());
  if (parts.length === 0) throw new ArgumentError("gradcheck: the function returns no float tensor");
  return parts.reduce((total, part) => total.add(part));
}

/** A copy of x with one element moved, in the same memory layout unless elements share their place there. */
function nudged(x: Tensor, element: number, delta: number): Tensor {
  const shared = x.shape.some((n, d) => n > 1 && x.value.strides[d] === 0);
  const { data, shape, strides, offset } = shared ? x.clone().value : x.value;
  const copy = data.slice();
  copy[indexOf(element, shape).reduce((place, i, d) => place + i * strides[d], offset)] += delta;
  return new Tensor(new NDArray(copy, shape, strides, offset));
}

/** Position in row-major order → index. */
function indexOf(position: number, shape: Shape): number[] {
  return shape.map((n, d) => Math.floor(position / sizeOf(shape.slice(d + 1))) % n);
}
