import { languageModels } from "./language-models.ts";
import { ngrams } from "./ngrams.ts";
import { tasks } from "./tasks.ts";
import type { Reproduction } from "./types.ts";

export { type Reproduced, type ReproduceOptions, reproduce } from "./runner.ts";
export type { Reproduction, ReproductionResult, SeedResult } from "./types.ts";

/** Everything that can be reproduced, in the order of the lectures. */
export const reproductions: readonly Reproduction[] = [...ngrams, ...languageModels, ...tasks];
