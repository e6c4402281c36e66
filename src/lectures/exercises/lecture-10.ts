import type { Exercise } from "../exercise.ts";

/** The exercises of lecture 10. */
export const lecture10: readonly Exercise[] = [];
