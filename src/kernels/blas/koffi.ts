import { builtin } from "../threads/builtin.ts";
import type { ChunkFunction } from "../threads/protocol.ts";
import { panelProduct } from "./panels.ts";
import type { Copy, Declare, Gemm, Gemv } from "./vendors.ts";

/** The parts of koffi that are used. */
export interface Koffi {
  load(file: string): { func(declaration: string): ReturnType<Declare> };
  address(view: Uint8Array): bigint;
}

/** koffi calls functions of C libraries; it is an optional package. A string says why it is not there. */
export function loadKoffi(): Koffi | string {
  const { createRequire } = builtin<typeof import("node:module")>("node:module") ?? {};
  if (!createRequire) return "a page has no access to libraries of the system";
  try {
    return createRequire(import.meta.url)("koffi") as Koffi;
  } catch (error) {
    return (error as { code?: string }).code === "MODULE_NOT_FOUND"
      ? "the optional package koffi is not installed (npm install koffi)"
      : `koffi does not load: ${(error as Error).message}`;
  }
}

const GEMM =
  "void cblas_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, intptr_t a, int lda, " +
  "intptr_t b, int ldb, float beta, intptr_t c, int ldc)";
const GEMV =
  "void cblas_sgemv(int order, int trans, int m, int n, float alpha, intptr_t a, int lda, intptr_t x, int incx, " +
  "float beta, intptr_t y, int incy)";

const COPY = "void cblas_scopy(int n, intptr_t x, int incx, intptr_t y, int incy)";

/** The functions of a library that the kernels call. */
export interface Routines {
  readonly gemm: Gemm;
  readonly gemv: Gemv;
  readonly copy: Copy;
}

export function declareRoutines(declare: Declare): Routines {
  return { gemm: declare(GEMM) as Gemm, gemv: declare(GEMV) as Gemv, copy: declare(COPY) as Copy };
}

/** What a thread computes with: the functions of its instance of the module, and the element of its scratch memory. */
export interface Instance {
  readonly functions: readonly ChunkFunction[];
  readonly scratch: number;
}

/** What regions of a BLAS engine call, in the order of `BLAS`. */
export function chunkFunctions({ gemm, gemv, copy }: Routines, instance: Instance): ChunkFunction[] {
  return [gemm, gemv, panelProduct(gemm), updateOnArray(copy, instance)] as ChunkFunction[];
}

/** Numbers of these functions, after those of the module. */
export const BLAS = { gemm: 0, gemv: 1, panels: 2, update: 3 } as const;

/**
 * An update rule on `n` elements of an ordinary array at an address: they are copied into scratch memory, changed while
 * they are in the cache, and copied back. `base` is the address of engine memory; `rest` is what the rule takes after p.
 */
function updateOnArray(copy: Copy, { functions, scratch }: Instance) {
  return (n: number, rule: number, address: number, base: number, ...rest: number[]): void => {
    const inside = base + 4 * scratch;
    copy(n, address, 1, inside, 1);
    functions[rule](n, scratch, ...rest);
    copy(n, inside, 1, address, 1);
  };
}

/** The same for another thread of a process that has opened and tested the library. */
export function bindBlas(file: string, instance: Instance): ChunkFunction[] {
  const koffi = loadKoffi();
  if (typeof koffi === "string") throw new Error(koffi);
  const handle = koffi.load(file);
  return chunkFunctions(
    declareRoutines((declaration) => handle.func(declaration)),
    instance,
  );
}
