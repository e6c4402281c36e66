import { UnrolledError } from "../../errors.ts";
import { fromData, type KernelsChoice, kernels, noGrad, ops } from "../../index.ts";
import { type BlasSearch, findBlas } from "../../kernels/blas/library.ts";
import { engineFor, type KernelsInfo } from "../../kernels/index.ts";
import { threadCount } from "../../kernels/threads/count.ts";
import { ThreadedEngine } from "../../kernels/threads/engine.ts";

/** One way to compute, tried on this machine. */
export interface Trial {
  readonly kernels: KernelsChoice;
  /** Whether it opened and passed its self-test. */
  readonly works: boolean;
  /** The engine's name, or why it does not work. */
  readonly detail: string;
  /** 10⁹ operations a second in [256, 256] @ [256, 256], on this loaded or idle machine, now; null if it does not work. */
  readonly gigaflops: number | null;
}

export interface Computing {
  /** What runs by default; null where a variable names what there is not. */
  readonly info: KernelsInfo | null;
  readonly problem: string | null;
  readonly trials: readonly Trial[];
  readonly blas: Omit<BlasSearch, "library"> & { readonly found: string | null };
  readonly variables: Readonly<Record<string, string | null>>;
  readonly threads: {
    readonly count: number;
    readonly reason: string;
    /** How many computed after some work. */
    readonly running: number;
    readonly problem: string | null;
  } | null;
}

const VARIABLES = ["UNROLLED_KERNELS", "UNROLLED_THREADS", "UNROLLED_BLAS", "UNROLLED_V8_FLAGS"];
const CHOICES: readonly KernelsChoice[] = ["blas", "wasm/wide", "wasm/relaxed", "wasm/plain", "reference"];

export function computing(): Computing {
  let info: KernelsInfo | null = null;
  let problem: string | null = null;
  let threads: Computing["threads"] = null;
  try {
    info = kernels.info();
    threads = threadsOf();
  } catch (error) {
    if (!(error instanceof UnrolledError)) throw error;
    problem = error.message;
  }
  const { library, attempts, folders } = findBlas();
  const found = library && `${library.vendor} ${library.version}, ${library.core} (${library.file})`;
  return {
    info,
    problem,
    threads,
    trials: problem === null ? CHOICES.map(tryOut) : [],
    blas: { found, attempts, folders },
    variables: Object.fromEntries(VARIABLES.map((name) => [name, process.env[name] ?? null])),
  };
}

function tryOut(choice: KernelsChoice): Trial {
  try {
    kernels.use(choice);
    return { kernels: choice, works: true, detail: kernels.info().engine, gigaflops: gigaflops() };
  } catch (error) {
    if (!(error instanceof UnrolledError)) throw error;
    const detail = error.message.replace(/^kernels\.use\("[^"]*"\): /, "");
    return { kernels: choice, works: false, detail, gigaflops: null };
  }
}

const SIZE = 256;
const MEASURE_MS = 150;

/** The best of the products that fit into the time: what else the machine does only makes it slower. */
function gigaflops(): number {
  const matrix = () => fromData(new Float32Array(SIZE * SIZE).fill(0.5), [SIZE, SIZE]);
  const [a, b] = [matrix(), matrix()];
  let best = Infinity;
  noGrad(() => {
    const end = performance.now() + MEASURE_MS;
    do {
      const begun = performance.now();
      ops.matmul(a, b);
      best = Math.min(best, performance.now() - begun);
    } while (performance.now() < end);
  });
  return (2 * SIZE ** 3) / best / 1e6;
}

/** Gives the other threads something to do, and waits up to a second for them. */
function threadsOf(): Computing["threads"] {
  const { threads, reason } = threadCount();
  const engine = engineFor("float32");
  if (!(engine instanceof ThreadedEngine)) return { count: 1, reason, running: 1, problem: null };
  const n = 1 << 18;
  const x = engine.alloc(n);
  engine.fill(n, 0, x);
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  const end = performance.now() + 1000;
  while (engine.running < engine.threads && performance.now() < end) {
    engine.exp(n, x, x);
    Atomics.wait(nobody, 0, 0, 5);
  }
  engine.free(x);
  const why = engine.threads < threads ? "this BLAS was built without locks: one thread" : reason;
  return {
    count: engine.threads,
    reason: why,
    running: engine.running,
    problem: engine.threadProblem ?? null,
  };
}
