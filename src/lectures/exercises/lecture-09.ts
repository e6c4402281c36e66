import type { Exercise } from "../exercise.ts";

/** The exercises of lecture 09. */
export const lecture09: readonly Exercise[] = [];
