import { data, Generator } from "../../src/index.ts";

const LINES = 12;
const SEED = 1;

/** What `unrolled data sample NAME --count 12 --seed 1` prints: the file `datasets/samples/NAME.txt`. */
export function sample(name: string): string {
  const write = data.lineWriter(name)!;
  const generator = new Generator(SEED);
  return Array.from({ length: LINES }, () => `${write(generator)}\n`).join("");
}
