export * from "./elementwise.ts";
export * from "./indexing.ts";
export * from "./loss.ts";
export * from "./matmul.ts";
export * from "./normalize.ts";
export * from "./reduce.ts";
export * from "./shape.ts";
