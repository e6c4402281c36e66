import type { Exercise } from "../exercise.ts";

/** The exercises of lecture 12. */
export const lecture12: readonly Exercise[] = [];
