import type { Tensor } from "../autograd/tensor.ts";
import { expectNumber, expectOptions, expectShape } from "../errors.ts";
import * as expect from "../expect.ts";
import { embedRows } from "../fused/embedding.ts";
import { normal, parameter } from "./init.ts";
import type { LayerOptions } from "./linear.ts";
import { Module, Parameter } from "./module.ts";

/** A table of vectors: ids (int32, any shape) → [...shape, dim]. weight [count, dim], N(0, 1) at the start. */
export class Embedding extends Module {
  readonly weight: Parameter;
  /** The row that starts as zero and gets no gradient. */
  readonly paddingIdx: number | undefined;

  /** @param options where to draw the table from, or a `weight` that exists and is used as it is. */
  constructor(
    count: number,
    dim: number,
    options: (LayerOptions | { weight: Parameter }) & { paddingIdx?: number },
  ) {
    super();
    const { paddingIdx } = options ?? {};
    if (paddingIdx !== undefined) {
      expectNumber(paddingIdx, "nn.Embedding: paddingIdx", { integer: true, min: 0, below: count });
    }
    this.paddingIdx = paddingIdx;
    if (options && "weight" in options) {
      expectOptions(options, ["weight", "paddingIdx"], "nn.Embedding");
      expectShape(options.weight.shape, [count, dim], "nn.Embedding weight");
      this.weight = options.weight;
      return;
    }
    expect.layer("Embedding", { count, dim }, options, ["paddingIdx"]);
    this.weight = parameter([count, dim], normal(options.generator), options.dtype);
    if (paddingIdx !== undefined) {
      this.weight.changeData((data) => data.fill(0, paddingIdx * dim, (paddingIdx + 1) * dim));
    }
  }

  /** A copy of a given table, for example from skip-gram: frozen (the default), or fine-tuned with `freeze: false`. */
  static fromPretrained(vectors: Tensor, options: { freeze?: boolean; paddingIdx?: number } = {}): Embedding {
    const { count, dim } = expectShape(vectors.shape, ["count", "dim"], "Embedding.fromPretrained");
    const weight = new Parameter(vectors.clone().value, { requiresGrad: options.freeze === false });
    return new Embedding(count, dim, { weight, paddingIdx: options.paddingIdx });
  }

  /** @throws {IndexError} for an id outside 0 … count − 1. */
  forward(ids: Tensor): Tensor {
    return embedRows(this.weight, ids, { paddingIdx: this.paddingIdx });
  }
}
