/**
 * How far a test goes: a little in `npm test`, to the figures of test/README.md in `npm run test:soak`.
 */
export const soak: boolean = process.env["UNROLLED_SOAK"] === "1";

/** How often something random is tried. */
export function rounds(short: number, long: number): number {
  return soak ? long : short;
}
