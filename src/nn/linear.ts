import type { DType } from "../array/ndarray.ts";
import type { Tensor } from "../autograd/tensor.ts";
import * as expect from "../expect.ts";
import { linear } from "../ops/matmul.ts";
import type { Generator } from "../random.ts";
import { parameter, uniform } from "./init.ts";
import { Module, type Parameter } from "./module.ts";

/** Options of all layers with parameters. */
export interface LayerOptions {
  /** Where the initial weights are drawn from. */
  generator: Generator;
  dtype?: DType;
}

/** y = x Wᵀ + b. x [..., in] → [..., out]; weight [out, in], bias [out]. Both start as U(±1/√in), as in PyTorch. */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options: LayerOptions & { bias?: boolean }) {
    super();
    expect.layer("Linear", { inFeatures, outFeatures }, options, ["bias"]);
    const { generator, dtype, bias = true } = options;
    const fill = uniform(generator, 1 / Math.sqrt(inFeatures));
    this.weight = parameter([outFeatures, inFeatures], fill, dtype);
    this.bias = bias ? parameter([outFeatures], fill, dtype) : null;
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }
}
