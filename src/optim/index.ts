export { clipGradNorm, clipGradValue, gradNorm } from "./clip.ts";
export { type Hyper, Optimizer, type OptimizerState, type ParamGroup } from "./optimizer.ts";
export * from "./optimizers.ts";
export * from "./schedules.ts";
