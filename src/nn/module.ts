import type { NDArray } from "../array/ndarray.ts";
import { Tensor } from "../autograd/tensor.ts";
import { CheckpointError, formatShape } from "../errors.ts";

/** A tensor that an optimizer changes. Frozen with `requiresGrad: false`; it stays part of the state either way. */
export class Parameter extends Tensor {
  constructor(value: NDArray, options: { requiresGrad?: boolean } = {}) {
    super(value.contiguous(), { requiresGrad: options.requiresGrad ?? true });
  }
}

/** Parameters by name, in a stable order. A Map, so that a name such as `__proto__` is only a name. */
export type StateDict = Map<string, Tensor>;

/** One row of a module's table. */
export interface ParameterRow {
  name: string;
  shape: readonly number[];
  count: number;
  trainable: boolean;
}

/**
 * Base class of layers and models. Properties that are Parameters, Modules, or arrays of them are found by
 * themselves, in the order in which they were assigned.
 */
export abstract class Module {
  /** True while training: dropout is active. */
  training: boolean = true;

  /** All parameters with their dotted path, for example `rnn.weight_ih_l0`; each tensor once (a tied one by its first name). */
  namedParameters(): Map<string, Parameter> {
    const found = new Map<string, Parameter>();
    const seen = new Set<unknown>();
    collect(this, "", found, seen);
    return found;
  }

  parameters(): Parameter[] {
    return [...this.namedParameters().values()];
  }

  /** Number of trainable and frozen elements. */
  parameterCount(): number {
    return this.parameters().reduce((sum, p) => sum + p.size, 0);
  }

  /** The table that a notebook shows. */
  summary(): ParameterRow[] {
    return [...this.namedParameters()].map(([name, p]) => ({
      name,
      shape: p.shape,
      count: p.size,
      trainable: p.requiresGrad,
    }));
  }

  /** This module and all inside it. */
  modules(): Module[] {
    const inner = Object.values(this).flatMap((value) => (Array.isArray(value) ? value : [value]));
    return [this, ...inner.filter((v): v is Module => v instanceof Module).flatMap((m) => m.modules())];
  }

  train(mode: boolean = true): this {
    for (const m of this.modules()) m.training = mode;
    return this;
  }

  eval(): this {
    return this.train(false);
  }

  zeroGrad(): void {
    for (const p of this.parameters()) p.zeroGrad();
  }

  /** Copies of all parameters, under PyTorch's names (`weight_ih_l0`, not `weightIhL0`). */
  stateDict(): StateDict {
    return new Map([...this.namedParameters()].map(([name, p]) => [name, p.clone().detach()]));
  }

  /**
   * Copies values into the parameters, all or nothing.
   * @throws {CheckpointError} naming everything that is missing, unexpected, or of another shape.
   */
  loadStateDict(state: ReadonlyMap<string, Tensor>): void {
    const own = this.namedParameters();
    const problems: string[] = [];
    for (const [name, p] of own) {
      const given = state.get(name);
      if (!given) problems.push(`missing: ${name} ${formatShape(p.shape)}`);
      else if (formatShape(given.shape) !== formatShape(p.shape)) {
        problems.push(
          `shape: ${name} is ${formatShape(p.shape)} here, ${formatShape(given.shape)} in the state`,
        );
      }
    }
    for (const name of state.keys()) if (!own.has(name)) problems.push(`unexpected: ${name}`);
    if (problems.length > 0) {
      throw new CheckpointError(
        `loadStateDict: the state does not fit this ${this.constructor.name}\n  ${problems.join("\n  ")}`,
      );
    }
    for (const [name, p] of own) p.data.set(state.get(name)!.data);
  }

  toString(): string {
    const rows = this.summary().map((r) => `  ${r.name} ${formatShape(r.shape)}`);
    return `${this.constructor.name} (${this.parameterCount().toLocaleString("en")} parameters)\n${rows.join("\n")}`;
  }
}

function collect(module: Module, prefix: string, found: Map<string, Parameter>, seen: Set<unknown>): void {
  const visit = (name: string, value: unknown): void => {
    if (Array.isArray(value)) value.forEach((item, i) => visit(`${name}.${i}`, item));
    else if (value instanceof Parameter && !seen.has(value)) {
      seen.add(value);
      found.set(prefix + name, value);
    } else if (value instanceof Module && !seen.has(value)) {
      seen.add(value);
      collect(value, `${prefix}${name}.`, found, seen);
    }
  };
  for (const [key, value] of Object.entries(module)) visit(snakeCase(key), value);
}

/** `weightIhL0Reverse` → `weight_ih_l0_reverse`. */
function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
