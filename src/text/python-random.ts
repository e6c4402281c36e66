import { ArgumentError, describe, expectNumber } from "../errors.ts";

const N = 624;
const M = 397;

/**
 * Python's `random.Random`, as far as `shuffle` needs it: the Mersenne Twister MT19937 (Matsumoto & Nishimura,
 * 1998) with Python 3's seeding (`init_by_array` over the 32-bit words of |seed|) and its way of drawing a bounded
 * integer. It exists for one reason: published results on names.txt use the split made by
 * `random.seed(42); random.shuffle(lines)`, and a split can only be repeated with the generator that made it.
 * Everything else in this library draws from `Generator`.
 *
 * @example new PythonRandom(42).shuffle(lines) // the same order as in Python 3
 */
export class PythonRandom {
  #words: Uint32Array = new Uint32Array(N);
  #next: number = N;

  /** @param seed a whole number, |seed| ≤ 2⁵³ − 1. @throws {ArgumentError} for anything else. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) {
      throw new ArgumentError(`PythonRandom: seed must be a whole number, got ${describe(seed)}`);
    }
    const size = Math.abs(seed);
    const high = Math.floor(size / 2 ** 32);
    this.#initByArray(high > 0 ? [size >>> 0, high] : [size >>> 0]);
  }

  /** `bits` random bits as a number, 1 ≤ bits ≤ 32: Python's `getrandbits`. */
  getrandbits(bits: number): number {
    expectNumber(bits, "PythonRandom.getrandbits: the number of bits", { integer: true, min: 1, max: 32 });
    return this.#uint32() >>> (32 - bits);
  }

  /** Uniform in [0, 1) with 53 random bits: Python's `random()`. */
  random(): number {
    const high = this.#uint32() >>> 5;
    const low = this.#uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** A whole number in 0 … below − 1 by rejection: Python's `_randbelow`, hence `randrange(below)`. */
  int(below: number): number {
    expectNumber(below, "PythonRandom.int: the bound", { integer: true, min: 1, max: 2 ** 31 });
    const bits = 32 - Math.clz32(below);
    let drawn = this.getrandbits(bits);
    while (drawn >= below) drawn = this.getrandbits(bits);
    return drawn;
  }

  /** Shuffles in place as Python's `random.shuffle` does, and returns the same array. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
    return items;
  }

  #initByArray(key: readonly number[]): void {
    const mt = this.#words;
    mt[0] = 19650218;
    for (let i = 1; i < N; i++) mt[i] = Math.imul(1812433253, mt[i - 1] ^ (mt[i - 1] >>> 30)) + i;
    let i = 1;
    let j = 0;
    const advance = () => {
      if (++i >= N) {
        mt[0] = mt[N - 1];
        i = 1;
      }
    };
    for (let k = N; k > 0; k--) {
      mt[i] = (mt[i] ^ Math.imul(mt[i - 1] ^ (mt[i - 1] >>> 30), 1664525)) + key[j] + j;
      advance();
      j = (j + 1) % key.length;
    }
    for (let k = N - 1; k > 0; k--) {
      mt[i] = (mt[i] ^ Math.imul(mt[i - 1] ^ (mt[i - 1] >>> 30), 1566083941)) - i;
      advance();
    }
    mt[0] = 0x80000000;
    this.#next = N;
  }

  #uint32(): number {
    const mt = this.#words;
    if (this.#next === N) {
      for (let k = 0; k < N; k++) {
        const y = (mt[k] & 0x80000000) | (mt[(k + 1) % N] & 0x7fffffff);
        mt[k] = mt[(k + M) % N] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      this.#next = 0;
    }
    let y = mt[this.#next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }
}
