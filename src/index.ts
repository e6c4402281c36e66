export type { DType, Nested, TypedArray } from "./array/ndarray.ts";
export * from "./autograd/create.ts";
export { type GradcheckOptions, gradcheck } from "./autograd/gradcheck.ts";
export { isGradEnabled, noGrad } from "./autograd/mode.ts";
export { type BackwardOptions, Tensor, type TensorOptions } from "./autograd/tensor.ts";
export * as data from "./data/index.ts";
export * from "./errors.ts";
export { clearOutput, type DisplayHandle, display, updateDisplay } from "./jupyter/display.ts";
export { type KernelsChoice, type KernelsInfo, kernels } from "./kernels/index.ts";
export * as lectures from "./lectures/index.ts";
export { check, hint, solution } from "./lectures/index.ts";
export * as lm from "./lm/index.ts";
export * as nn from "./nn/index.ts";
export * as ops from "./ops/index.ts";
export { drawGraph } from "./viz/graph.ts";

import "./ops/methods.ts";

export * as optim from "./optim/index.ts";
export { Generator, type GeneratorState } from "./random.ts";
export { type MimeBundle, showAs } from "./show.ts";
export * as text from "./text/index.ts";
export * as viz from "./viz/index.ts";

import "./viz/views.ts";
