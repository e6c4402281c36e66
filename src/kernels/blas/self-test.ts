import type { BlasLibrary } from "./library.ts";

const ROW_MAJOR = 101;
const PLAIN = 111;
const TRANSPOSED = 112;

/** [m, n, k]: one element, odd edges, and more than one block of the kernels that are in use today. */
const SIZES = [
  [1, 1, 1],
  [3, 5, 7],
  [33, 17, 65],
  [20, 100, 70],
];

type Tested = Pick<BlasLibrary, "gemm" | "gemv" | "copy" | "addressOf">;

/**
 * Multiplies small matrices, transposed in every way, added and not, and compares with sums in double precision.
 * @returns what was wrong, or undefined. Catches a library with 64-bit sizes, and one built for another processor.
 */
export function selfTest({ gemm, gemv, copy, addressOf }: Tested): string | undefined {
  const room = 20_000;
  const buffer = new SharedArrayBuffer(3 * room * 4); // outside of the heap: it does not move
  const data = new Float32Array(buffer);
  const base = addressOf(buffer);
  const at = { a: 0, b: room, c: 2 * room };
  const address = (element: number) => base + 4 * element;
  // Numbers without a pattern that a wrong stride would keep; no generator is needed for them.
  for (let i = 0; i < 2 * room; i++) data[i] = Math.fround(((i * 7919) % 1013) / 1013 - 0.5);
  for (const [m, n, k] of SIZES) {
    for (let variant = 0; variant < 8; variant++) {
      const [ta, tb, beta] = [variant & 1, (variant >> 1) & 1, variant >> 2];
      const [lda, ldb] = [ta ? m : k, tb ? k : n];
      const element = (i: number, j: number) => {
        let sum = beta;
        for (let l = 0; l < k; l++) {
          sum += data[at.a + (ta ? l * m + i : i * k + l)] * data[at.b + (tb ? j * k + l : l * n + j)];
        }
        return sum;
      };
      const check = (what: string, rows: number): string | undefined => {
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < n; j++) {
            const got = data[at.c + i * n + j];
            const expected = element(i, j);
            // Each product is at most 1/4; k of them round k times.
            if (!(Math.abs(got - expected) <= (k + 4) * k * 2 ** -24)) {
              return `${what} [${m},${k}] @ [${k},${n}]: element (${i}, ${j}) is ${got}, not ${expected}`;
            }
          }
        }
        return undefined;
      };
      data.fill(1, at.c, at.c + m * n);
      const [a, b, c] = [address(at.a), address(at.b), address(at.c)];
      gemm(
        ROW_MAJOR,
        ta ? TRANSPOSED : PLAIN,
        tb ? TRANSPOSED : PLAIN,
        m,
        n,
        k,
        1,
        a,
        lda,
        b,
        ldb,
        beta,
        c,
        n,
      );
      let problem = check("cblas_sgemm", m);
      if (problem) return problem;
      if (ta) continue;
      data.fill(1, at.c, at.c + n); // the first row again, as a vector: y = Bᵀ x
      if (tb) gemv(ROW_MAJOR, PLAIN, n, k, 1, b, ldb, a, 1, beta, c, 1);
      else gemv(ROW_MAJOR, TRANSPOSED, k, n, 1, b, ldb, a, 1, beta, c, 1);
      problem = check("cblas_sgemv", 1);
      if (problem) return problem;
    }
  }
  copy(room, address(at.b), 1, address(at.c), 1);
  for (let i = 0; i < room; i++) {
    if (data[at.c + i] !== data[at.b + i]) return `cblas_scopy: element ${i} is ${data[at.c + i]}`;
  }
  return undefined;
}
