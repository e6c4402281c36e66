export type { Change } from "../fused/update.ts";
export { clipGradNorm, clipGradValue, gradNorm } from "./clip.ts";
export { type Clipping, type Hyper, Optimizer, type OptimizerState, type ParamGroup } from "./optimizer.ts";
export * from "./optimizers.ts";
export * from "./schedules.ts";
