import { NDArray } from "../array/ndarray.ts";
import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, expectNumber } from "../errors.ts";
import * as expect from "../expect.ts";
import { SparseRows } from "../fused/sparse-rows.ts";
import { clipped, sumOfSquares } from "../fused/update.ts";
import type { FloatArray } from "../kernels/types.ts";

/** The norm of all gradients as one long vector: the 2-norm by default, any p-norm, or Infinity for the largest. */
export function gradNorm(params: readonly Tensor[], normType: number = 2): number {
  if (!(normType > 0)) throw new ArgumentError(`gradNorm: normType must be above 0, got ${normType}`);
  expect.parameters(params, "gradNorm");
  let total = 0;
  for (const { gradient } of params) {
    if (!gradient) continue;
    if (normType === 2) total += sumOfSquares(gradient);
    else if (normType === Infinity) for (const g of gradient.data) total = Math.max(total, Math.abs(g));
    else for (const g of gradient.data) total += Math.abs(g) ** normType;
  }
  if (normType === Infinity) return total;
  return normType === 2 ? Math.sqrt(total) : total ** (1 / normType);
}

/** What gradients are multiplied by so that their norm is at most maxNorm: min(1, maxNorm / (norm + 1e-6)). */
export function clipScale(norm: number, maxNorm: number): number {
  return Number.isFinite(norm) ? Math.min(1, maxNorm / (norm + 1e-6)) : 1;
}

/**
 * Scales all gradients by min(1, maxNorm / (norm + 1e-6)), so that their common norm is at most maxNorm and their
 * direction stays (Pascanu, Mikolov & Bengio 2013). `Optimizer.step({ clipNorm })` does the same without new gradients.
 * @returns the norm before clipping. Where it is NaN or ∞ nothing is scaled: it is for the caller to stop or to skip.
 */
export function clipGradNorm(
  params: readonly Tensor[],
  maxNorm: number,
  options: { normType?: number } = {},
): number {
  if (!(maxNorm >= 0)) throw new ArgumentError(`clipGradNorm: maxNorm must be ≥ 0, got ${maxNorm}`);
  const norm = gradNorm(params, options.normType);
  const scale = clipScale(norm, maxNorm);
  if (scale < 1) replaceGradients(params, (g) => clipped(g, { scale, limit: Infinity }));
  return norm;
}

/** Limits each element of each gradient to [−value, value]. This changes the direction. */
export function clipGradValue(params: readonly Tensor[], value: number): void {
  expectNumber(value, "clipGradValue: value", { min: 0 });
  expect.parameters(params, "clipGradValue");
  replaceGradients(params, (g) => clipped(g, { scale: 1, limit: value }));
}

/** Gradients are replaced, not changed in place: one that was kept, or that two tensors share, stays as it was. */
function replaceGradients(params: readonly Tensor[], f: (g: FloatArray) => FloatArray): void {
  for (const p of params) {
    if (!p.grad) continue;
    const { value, shape } = p.grad;
    const rows = value instanceof SparseRows ? value.rows : null;
    p.grad = new Tensor(
      rows
        ? new SparseRows(rows.ids, f(rows.values), shape)
        : new NDArray(f(value.flat() as FloatArray), shape),
    );
  }
}
