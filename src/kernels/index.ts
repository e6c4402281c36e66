import { reference } from "./reference.ts";
import type { Kernels } from "./types.ts";

/** The kernels in use. */
export const active: Kernels = reference;
