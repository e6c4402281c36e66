import type { DType } from "../array/ndarray.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { expectNumber, expectOptions } from "../errors.ts";
import * as expect from "../expect.ts";
import { layerNorm } from "../ops/normalize.ts";
import { constant, parameter } from "./init.ts";
import { Module, type Parameter } from "./module.ts";

/** y = (x − x̄)/√(var + ε) ⊙ weight + bias over the last dimensions (Ba, Kiros & Hinton 2016). */
export class LayerNorm extends Module {
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(normalizedShape: number | readonly number[], options: { eps?: number; dtype?: DType } = {}) {
    super();
    const { eps = 1e-5, dtype } = expectOptions(options, ["eps", "dtype"], "nn.LayerNorm");
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
    expect.sizes(this.normalizedShape, "nn.LayerNorm");
    this.eps = expectNumber(eps, "nn.LayerNorm: eps", { min: 0 });
    this.weight = parameter(this.normalizedShape, constant(1), dtype);
    this.bias = parameter(this.normalizedShape, constant(0), dtype);
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, this);
  }
}
