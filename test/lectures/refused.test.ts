import * as library from "../../src/index.ts";
import { ArgumentError } from "../../src/index.ts";
import { type Anything, assertAllRefused, type Refusal } from "../refusals.ts";

const given = library as unknown as Anything;
const { check, hint, solution } = given;

const refusals: Refusal[] = [
  [() => check("none", 1), ArgumentError, /^there is no exercise "none"/],
  [() => hint("none"), ArgumentError, /^there is no exercise "none"/],
  [() => solution("none"), ArgumentError, /^there is no exercise "none"/],
];

describe("lectures: bad calls", () => {
  it(`${refusals.length} of them are refused, by name and with a remedy`, () => assertAllRefused(refusals));
});
