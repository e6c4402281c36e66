export { type CountOptions, type CountSource, NGramCounts } from "./counts.ts";
export { NGramLM, type NGramOptions } from "./model.ts";
export type { JelinekMercerOptions, KneserNeyOptions, Smoother, Smoothing } from "./smoother.ts";
export type { NGramState } from "./walk.ts";
