export type { DType, Nested, TypedArray } from "./array/ndarray.ts";
export * from "./autograd/create.ts";
export { type GradcheckOptions, gradcheck } from "./autograd/gradcheck.ts";
export { isGradEnabled, noGrad } from "./autograd/mode.ts";
export { type BackwardOptions, Tensor, type TensorOptions } from "./autograd/tensor.ts";
export * from "./errors.ts";

import "./ops/methods.ts";

export * as nn from "./nn/index.ts";
export * as ops from "./ops/index.ts";
export * as optim from "./optim/index.ts";
export { Generator, type GeneratorState } from "./random.ts";
