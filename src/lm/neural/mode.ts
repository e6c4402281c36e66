import type { Module } from "../../nn/module.ts";

/** Puts a module and all inside it into training or evaluation mode. @returns a function that puts each back. */
export function switchMode(module: Module, training: boolean): () => void {
  const before = module.modules().map((part) => [part, part.training] as const);
  for (const [part] of before) part.training = training;
  return () => {
    for (const [part, mode] of before) part.training = mode;
  };
}
