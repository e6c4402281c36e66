import { writeFileAtomic as writeAtomic } from "./files.ts";
import { plotlyPage as openPage, plotlySource as readSource } from "./plotly-window.ts";
import type { Platform } from "./types.ts";

export const plotlyPage: Platform["plotlyPage"] = openPage;
export const plotlySource: Platform["plotlySource"] = readSource;
export const writeFileAtomic: Platform["writeFileAtomic"] = writeAtomic;
