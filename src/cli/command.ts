/** A command of `npx unrolled`. */
export interface Command {
  /** Printed by `--help`. */
  usage: string;
  /** @returns the exit code. Throwing an `UnrolledError` prints its message and exits with 1. */
  run(args: string[]): Promise<number>;
}
