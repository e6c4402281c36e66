import type { Exercise } from "../exercise.ts";

/** The exercises of lecture 11. */
export const lecture11: readonly Exercise[] = [];
