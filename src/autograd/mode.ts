import { AutogradError } from "../errors.ts";

let enabled = true;

/** Whether ops record what backward needs. */
export function isGradEnabled(): boolean {
  return enabled;
}

/**
 * Runs `f` without recording a graph: for evaluation, generation and updates of parameters.
 * @throws {AutogradError} if `f` is asynchronous: the mode would end before it does.
 */
export function noGrad<T>(f: () => T): T {
  const before = enabled;
  enabled = false;
  try {
    const result = f();
    if (typeof (result as { then?: unknown } | null)?.then === "function") {
      throw new AutogradError(
        "noGrad: the function must be synchronous; call noGrad inside it, around each step",
      );
    }
    return result;
  } finally {
    enabled = before;
  }
}

// A notebook kernel can end a running cell without letting `finally` run. It calls these hooks before the next cell.
const hooks = globalThis as unknown as Record<symbol, Set<() => void> | undefined>;
const key = Symbol.for("unrolled.resetHooks");
hooks[key] ??= new Set();
hooks[key].add(() => {
  enabled = true;
});
