/** What `src/index.ts` exports of the core: its tests need neither the language models nor the notebooks. */
export * from "../../src/autograd/create.ts";
export * from "../../src/autograd/gradcheck.ts";
export * from "../../src/autograd/mode.ts";
export { Tensor } from "../../src/autograd/tensor.ts";
export * from "../../src/errors.ts";
export * as nn from "../../src/nn/index.ts";
export * as ops from "../../src/ops/index.ts";

import "../../src/ops/methods.ts";

export * as optim from "../../src/optim/index.ts";
export { Generator } from "../../src/random.ts";
