import type { Tensor } from "../autograd/tensor.ts";
import { expectNumber, formatShape, ShapeError } from "../errors.ts";
import { embedding } from "../ops/indexing.ts";
import { normal, parameter } from "./init.ts";
import type { LayerOptions } from "./linear.ts";
import { Module, Parameter } from "./module.ts";

/** A table of vectors: ids (int32, any shape) → [...shape, dim]. weight [count, dim], N(0, 1) at the start. */
export class Embedding extends Module {
  readonly weight: Parameter;
  /** The row that stays zero and gets no gradient. */
  readonly paddingIdx: number | undefined;

  constructor(
    count: number,
    dim: number,
    { generator, dtype, paddingIdx }: LayerOptions & { paddingIdx?: number },
  ) {
    super();
    expectNumber(count, "nn.Embedding: count", { integer: true, min: 1 });
    expectNumber(dim, "nn.Embedding: dim", { integer: true, min: 1 });
    this.paddingIdx = paddingIdx;
    if (paddingIdx !== undefined)
      expectNumber(paddingIdx, "nn.Embedding: paddingIdx", { integer: true, min: 0, below: count });
    this.weight = parameter([count, dim], normal(generator), dtype);
    if (paddingIdx !== undefined) this.weight.data.fill(0, paddingIdx * dim, (paddingIdx + 1) * dim);
  }

  /** A table that is given, for example by skip-gram: frozen (the default), or fine-tuned with `freeze: false`. */
  static fromPretrained(vectors: Tensor, options: { freeze?: boolean; paddingIdx?: number } = {}): Embedding {
    if (vectors.ndim !== 2)
      throw new ShapeError(`Embedding.fromPretrained: needs [count, dim], got ${formatShape(vectors.shape)}`);
    const table = Object.create(Embedding.prototype) as { -readonly [K in keyof Embedding]: Embedding[K] };
    table.training = true;
    table.paddingIdx = options.paddingIdx;
    table.weight = new Parameter(vectors.clone().value, { requiresGrad: options.freeze === false });
    return table as Embedding;
  }

  /** @throws {IndexError} for an id outside 0 … count − 1. */
  forward(ids: Tensor): Tensor {
    return embedding(this.weight, ids, { paddingIdx: this.paddingIdx });
  }
}
