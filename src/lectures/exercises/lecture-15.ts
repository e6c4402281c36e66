import type { Exercise } from "../exercise.ts";

/** The exercises of lecture 15. */
export const lecture15: readonly Exercise[] = [];
