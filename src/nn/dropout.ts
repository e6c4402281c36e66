import { generate } from "../array/ndarray.ts";
import { Tensor } from "../autograd/tensor.ts";
import { expectNumber } from "../errors.ts";
import * as expect from "../expect.ts";
import { mul } from "../ops/elementwise.ts";
import type { Generator } from "../random.ts";
import { Module } from "./module.ts";

/**
 * Inverted dropout (Srivastava et al. 2014): while training each element is 0 with probability p and otherwise
 * scaled by 1/(1 − p), so that its expectation stays; in evaluation x passes unchanged.
 */
export class Dropout extends Module {
  readonly p: number;
  /** Draws the masks. Part of a checkpoint: a resumed run draws the masks that the other would have drawn. */
  generator: Generator;

  constructor(p: number, options: { generator: Generator }) {
    super();
    expect.layer("Dropout", {}, options);
    this.p = expectNumber(p, "nn.Dropout: p", { min: 0, below: 1 });
    this.generator = options.generator;
  }

  forward(x: Tensor): Tensor {
    if (!this.training || this.p === 0) return x;
    const scale = 1 / (1 - this.p);
    const mask = generate(x.shape, x.dtype, () => (this.generator.uniform() < this.p ? 0 : scale));
    return mul(x, new Tensor(mask));
  }
}
