import { type NDArray, sameShape } from "../array/ndarray.ts";
import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, CheckpointError, describe, formatShape } from "../errors.ts";
import * as expect from "../expect.ts";

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
    const seen = new Set<Parameter>();
    for (const [name, p] of walk(this)) {
      if (seen.has(p)) continue;
      if (found.has(name)) throw new ArgumentError(`Module: two parameters are named ${name}`);
      seen.add(p);
      found.set(name, p);
    }
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

  /** This module and all inside it, each once. */
  modules(): Module[] {
    const found = new Set<Module>([this]);
    for (const module of found)
      for (const [, inner] of parts(module)) if (inner instanceof Module) found.add(inner);
    return [...found];
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
    return new Map([...this.namedParameters()].map(([name, p]) => [name, p.detach().clone()]));
  }

  /**
   * Copies values into the parameters, all or nothing. A tied parameter may come under any or all of its names.
   * @throws {CheckpointError} naming everything that is missing, unexpected, or of another shape.
   */
  loadStateDict(state: ReadonlyMap<string, Tensor>): void {
    expect.type(state, "a Map", "loadStateDict: the state, as stateDict() gives one,");
    const own = new Map(walk(this));
    const given = new Map<Parameter, Tensor>();
    const problems: string[] = [];
    for (const [name, x] of state) {
      const p = own.get(name);
      if (!p) problems.push(`unexpected: ${name}`);
      else if (!(x instanceof Tensor)) problems.push(`no tensor: ${name} is ${describe(x)}`);
      else if (!sameShape(x.shape, p.shape)) {
        problems.push(`shape: ${name} is ${formatShape(p.shape)} here, ${formatShape(x.shape)} in the state`);
      }
      if (p) given.set(p, x);
    }
    for (const [name, p] of this.namedParameters()) {
      if (!given.has(p)) problems.push(`missing: ${name} ${formatShape(p.shape)}`);
    }
    if (problems.length > 0) {
      const what = `loadStateDict: the state does not fit this ${this.constructor.name}`;
      throw new CheckpointError([what, ...problems].join("\n  "));
    }
    for (const [p, x] of given) p.changeData((data) => data.set(x.data));
  }

  toString(): string {
    const rows = this.summary().map((r) => `  ${r.name} ${formatShape(r.shape)}`);
    return `${this.constructor.name} (${this.parameterCount().toLocaleString("en")} parameters)\n${rows.join("\n")}`;
  }
}

/** A module's properties under PyTorch's names; those of an array as `name.0`, `name.1`, … */
function parts(module: Module): [name: string, value: unknown][] {
  const flatten = (name: string, value: unknown): [string, unknown][] =>
    Array.isArray(value) ? value.flatMap((item, i) => flatten(`${name}.${i}`, item)) : [[name, value]];
  return Object.entries(module).flatMap(([key, value]) => flatten(snakeCase(key), value));
}

/** Every parameter under every path that leads to it: a tied one comes more than once. */
function* walk(
  module: Module,
  prefix: string = "",
  outer: readonly Module[] = [],
): Generator<[path: string, parameter: Parameter]> {
  for (const [name, value] of parts(module)) {
    if (value instanceof Parameter) yield [prefix + name, value];
    if (value instanceof Module && !outer.includes(value)) {
      yield* walk(value, `${prefix}${name}.`, [...outer, module]);
    }
  }
}

/** `weightIhL0Reverse` → `weight_ih_l0_reverse`. */
function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
