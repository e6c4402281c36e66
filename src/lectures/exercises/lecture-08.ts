import type { Exercise } from "../exercise.ts";

/** The exercises of lecture 08. */
export const lecture08: readonly Exercise[] = [];
