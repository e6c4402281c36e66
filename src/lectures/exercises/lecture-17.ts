import type { Exercise } from "../exercise.ts";

/** The exercises of lecture 17. */
export const lecture17: readonly Exercise[] = [];
