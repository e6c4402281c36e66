import { map } from "../array/elementwise.ts";
import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, expectNumber } from "../errors.ts";

/** The norm of all gradients as one long vector: the 2-norm by default, any p-norm, or Infinity for the largest. */
export function gradNorm(params: readonly Tensor[], normType: number = 2): number {
  if (!(normType > 0)) throw new ArgumentError(`gradNorm: normType must be above 0, got ${normType}`);
  let total = 0;
  for (const { grad } of params) {
    for (const g of grad?.data ?? []) {
      if (normType === 2) total += g * g;
      else if (normType === Infinity) total = Math.max(total, Math.abs(g));
      else total += Math.abs(g) ** normType;
    }
  }
  if (normType === Infinity) return total;
  return normType === 2 ? Math.sqrt(total) : total ** (1 / normType);
}

/**
 * Scales all gradients by min(1, maxNorm / (norm + 1e-6)), so that their common norm is at most maxNorm and their
 * direction stays (Pascanu, Mikolov & Bengio 2013).
 * @returns the norm before clipping. Where it is NaN or ∞ nothing is scaled: it is for the caller to stop or to skip.
 */
export function clipGradNorm(
  params: readonly Tensor[],
  maxNorm: number,
  options: { normType?: number } = {},
): number {
  if (!(maxNorm >= 0)) throw new ArgumentError(`clipGradNorm: maxNorm must be ≥ 0, got ${maxNorm}`);
  const norm = gradNorm(params, options.normType);
  const scale = maxNorm / (norm + 1e-6);
  if (scale < 1 && Number.isFinite(norm)) mapGradients(params, (g) => g * scale);
  return norm;
}

/** Limits each element of each gradient to [−value, value]. This changes the direction. */
export function clipGradValue(params: readonly Tensor[], value: number): void {
  expectNumber(value, "clipGradValue: value", { min: 0 });
  mapGradients(params, (g) => (g > value ? value : g < -value ? -value : g));
}

/** Gradients are replaced, not changed in place: one that was kept, or that two tensors share, stays as it was. */
function mapGradients(params: readonly Tensor[], f: (g: number) => number): void {
  for (const p of params) if (p.grad) p.grad = new Tensor(map(p.grad.value, f));
}
