import type { Exercise } from "../exercise.ts";

/** The exercises of lecture 14. */
export const lecture14: readonly Exercise[] = [];
