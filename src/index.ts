export * from "./errors.ts";
export { Generator, type GeneratorState } from "./random.ts";
