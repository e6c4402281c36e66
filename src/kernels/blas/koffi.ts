import { builtin } from "../threads/builtin.ts";
import type { ChunkFunction } from "../threads/protocol.ts";
import { panelProduct } from "./panels.ts";
import type { Declare, Gemm, Gemv } from "./vendors.ts";

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

export function declareProducts(declare: Declare): { gemm: Gemm; gemv: Gemv } {
  return { gemm: declare(GEMM) as Gemm, gemv: declare(GEMV) as Gemv };
}

/** What regions of a BLAS engine call, in the order of `BLAS`. */
export function chunkFunctions({ gemm, gemv }: { gemm: Gemm; gemv: Gemv }): ChunkFunction[] {
  return [gemm as ChunkFunction, gemv as ChunkFunction, panelProduct(gemm) as ChunkFunction];
}

/** Numbers of these functions, after those of the module. */
export const BLAS = { gemm: 0, gemv: 1, panels: 2 } as const;

/** The same for another thread of a process that has opened and tested the library. */
export function bindBlas(file: string): ChunkFunction[] {
  const koffi = loadKoffi();
  if (typeof koffi === "string") throw new Error(koffi);
  const handle = koffi.load(file);
  return chunkFunctions(declareProducts((declaration) => handle.func(declaration)));
}
