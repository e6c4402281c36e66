import type { Exercise } from "../exercise.ts";

/** The exercises of lecture 16. */
export const lecture16: readonly Exercise[] = [];
