/**
 * Root hooks of the test run. Some tests need more than a bare machine has (a corpus that may not be committed,
 * a browser, Python); they say so with `needs`, are left out where it is missing, and are listed at the end.
 */
const leftOut = new Map<string, number>();

/**
 * Leaves the running test or suite out when `present` is false, and remembers how to turn it on.
 * @example before(function () { needs(this, corpusFolder !== undefined, "set UNROLLED_DATA to …"); });
 */
export function needs(context: Mocha.Context, present: boolean, howToTurnOn: string): void {
  if (present) return;
  leftOut.set(howToTurnOn, (leftOut.get(howToTurnOn) ?? 0) + 1);
  context.skip();
}

export const mochaHooks: Mocha.RootHookObject = {
  afterAll() {
    for (const [how, count] of leftOut) {
      process.stdout.write(
        `  left out: ${count} ${count === 1 ? "suite or test" : "suites or tests"} — ${how}\n`,
      );
    }
  },
};
