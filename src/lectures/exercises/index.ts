import type { Exercise } from "../exercise.ts";
import { lecture00 } from "./lecture-00.ts";
import { lecture01 } from "./lecture-01.ts";
import { lecture02 } from "./lecture-02.ts";
import { lecture03 } from "./lecture-03.ts";
import { lecture04 } from "./lecture-04.ts";
import { lecture05 } from "./lecture-05.ts";
import { lecture06 } from "./lecture-06.ts";
import { lecture07 } from "./lecture-07.ts";

/** The exercises of all lectures, in order. */
export const series: readonly Exercise[] = [
  ...lecture00,
  ...lecture01,
  ...lecture02,
  ...lecture03,
  ...lecture04,
  ...lecture05,
  ...lecture06,
  ...lecture07,
];
