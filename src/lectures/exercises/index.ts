import type { Exercise } from "../exercise.ts";
import { lecture00 } from "./lecture-00.ts";
import { lecture01 } from "./lecture-01.ts";
import { lecture02 } from "./lecture-02.ts";
import { lecture03 } from "./lecture-03.ts";
import { lecture04 } from "./lecture-04.ts";
import { lecture05 } from "./lecture-05.ts";
import { lecture06 } from "./lecture-06.ts";
import { lecture07 } from "./lecture-07.ts";
import { lecture08 } from "./lecture-08.ts";
import { lecture09 } from "./lecture-09.ts";
import { lecture10 } from "./lecture-10.ts";
import { lecture11 } from "./lecture-11.ts";
import { lecture12 } from "./lecture-12.ts";
import { lecture13 } from "./lecture-13.ts";
import { lecture14 } from "./lecture-14.ts";
import { lecture15 } from "./lecture-15.ts";
import { lecture16 } from "./lecture-16.ts";
import { lecture17 } from "./lecture-17.ts";

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
  ...lecture08,
  ...lecture09,
  ...lecture10,
  ...lecture11,
  ...lecture12,
  ...lecture13,
  ...lecture14,
  ...lecture15,
  ...lecture16,
  ...lecture17,
];
