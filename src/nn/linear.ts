import type { DType } from "../array/ndarray.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, describe, expectNumber } from "../errors.ts";
import { linear } from "../ops/matmul.ts";
import { Generator } from "../random.ts";
import { parameter, uniform } from "./init.ts";
import { Module, type Parameter } from "./module.ts";

/** Options of all layers with parameters. */
export interface LayerOptions {
  /** Where the initial weights are drawn from. */
  generator: Generator;
  dtype?: DType;
}

/** Checks what every layer is made with: its sizes and a generator. `layer` is its name for the message. */
export function expectLayer(
  layer: string,
  sizes: Record<string, number>,
  options?: Partial<LayerOptions>,
): void {
  for (const [name, size] of Object.entries(sizes)) {
    expectNumber(size, `nn.${layer}: ${name}`, { integer: true, min: 1 });
  }
  if (!(options?.generator instanceof Generator)) {
    const got = describe(options?.generator);
    throw new ArgumentError(`nn.${layer}: needs { generator: new Generator(seed) } to draw from, got ${got}`);
  }
}

/** y = x Wᵀ + b. x [..., in] → [..., out]; weight [out, in], bias [out]. Both start as U(±1/√in), as in PyTorch. */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options: LayerOptions & { bias?: boolean }) {
    super();
    expectLayer("Linear", { inFeatures, outFeatures }, options);
    const { generator, dtype, bias = true } = options;
    const fill = uniform(generator, 1 / Math.sqrt(inFeatures));
    this.weight = parameter([outFeatures, inFeatures], fill, dtype);
    this.bias = bias ? parameter([outFeatures], fill, dtype) : null;
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }
}
