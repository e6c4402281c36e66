import type { Exercise } from "../exercise.ts";

/** The exercises of lecture 13. */
export const lecture13: readonly Exercise[] = [];
