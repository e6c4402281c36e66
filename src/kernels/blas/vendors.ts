import { builtin } from "../threads/builtin.ts";

/** What the kernels call of a BLAS: addresses and sizes as plain numbers, sizes and strides in elements. */
export type Gemm = (
  order: number,
  transA: number,
  transB: number,
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: number,
  aStride: number,
  b: number,
  bStride: number,
  beta: number,
  c: number,
  cStride: number,
) => void;

/** y = α op(A) x + β y for A [m, n]. */
export type Gemv = (
  order: number,
  trans: number,
  m: number,
  n: number,
  alpha: number,
  a: number,
  aStride: number,
  x: number,
  xStep: number,
  beta: number,
  y: number,
  yStep: number,
) => void;

/** y = x. */
export type Copy = (n: number, x: number, xStep: number, y: number, yStep: number) => void;

/** Declares a C function of the library and gives it; throws if the library has none of that name. */
export type Declare = (declaration: string) => (...args: (number | Uint8Array)[]) => unknown;

/** What is said of a library once it is open. */
export interface Identity {
  vendor: string;
  version: string;
  /** The processor that its kernels are written for, as the library names it. */
  core: string;
  /** Whether two threads may call it at the same time. */
  reentrant: boolean;
  /** Whether it has kernels for small products that copy nothing (`panels.ts`). */
  smallKernels: boolean;
}

export interface Vendor {
  readonly name: string;
  /** Names that the system's loader looks for, by platform. */
  readonly files: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>>;
  /** Environment variables that hold it to one thread; they are set while it loads. */
  readonly oneThread: readonly string[];
  /** Tells the library from others, holds it to one thread, and says what it is. Throws for another's library. */
  identify(declare: Declare): Identity;
}

const openblas: Vendor = {
  name: "OpenBLAS",
  files: {
    linux: ["libopenblas.so.0", "libopenblas.so"],
    darwin: ["libopenblas.dylib", "libopenblas.0.dylib"],
    win32: ["libopenblas.dll", "openblas.dll"],
  },
  oneThread: ["OPENBLAS_NUM_THREADS"],
  identify(declare) {
    declare("void openblas_set_num_threads(int threads)")(1);
    const config = String(declare("const char *openblas_get_config()")());
    const version = /\d+(\.\d+)+\S*/.exec(config)?.[0] ?? config;
    const core = String(declare("const char *openblas_get_corename()")());
    const [major, minor, patch] = version.split(".").map((part) => Number.parseInt(part, 10));
    return {
      vendor: "OpenBLAS",
      version,
      core,
      smallKernels:
        /skylakex|cooperlake|sapphirerapids/i.test(core) && (major > 0 || minor > 3 || patch >= 17),
      // A build without threads has no locks around its buffers either.
      reentrant: declare("int openblas_get_parallel()")() !== 0,
    };
  },
};

const mkl: Vendor = {
  name: "MKL",
  files: {
    linux: ["libmkl_rt.so.2", "libmkl_rt.so"],
    darwin: ["libmkl_rt.2.dylib", "libmkl_rt.dylib"],
    win32: ["mkl_rt.2.dll", "mkl_rt.dll"],
  },
  oneThread: ["MKL_NUM_THREADS"],
  identify(declare) {
    const SEQUENTIAL = 1;
    const AUTO = 2; // of MKL_CBWR: the same bits in every run on the same machine
    declare("int MKL_Set_Threading_Layer(int layer)")(SEQUENTIAL);
    declare("int MKL_CBWR_Set(int branch)")(AUTO);
    const text = new Uint8Array(200);
    declare("void MKL_Get_Version_String(uint8_t *text, int length)")(text, text.length);
    const version = new TextDecoder().decode(text).replace(/\0.*$/s, "").trim();
    const branch = Number(declare("int MKL_CBWR_Get_Auto_Branch()")());
    return { vendor: "MKL", version, core: `branch ${branch}`, reentrant: true, smallKernels: false };
  },
};

const blis: Vendor = {
  name: "BLIS",
  files: {
    linux: ["libblis.so.4", "libblis-mt.so", "libblis.so"],
    darwin: ["libblis.dylib", "libblis.4.dylib"],
    win32: ["libblis.dll"],
  },
  oneThread: ["BLIS_NUM_THREADS"],
  identify(declare) {
    declare("void bli_thread_set_num_threads(int64_t threads)")(1);
    const arch = Number(declare("int bli_arch_query_id()")());
    return {
      vendor: "BLIS",
      version: String(declare("const char *bli_info_get_version_str()")()),
      core: String(declare("const char *bli_arch_string(int id)")(arch)),
      reentrant: true,
      smallKernels: false,
    };
  },
};

const accelerate: Vendor = {
  name: "Accelerate",
  files: { darwin: ["/System/Library/Frameworks/Accelerate.framework/Accelerate"] },
  oneThread: ["VECLIB_MAXIMUM_THREADS"],
  identify(declare) {
    declare("void vDSP_vclr(float *c, long step, unsigned long n)"); // only Accelerate has it
    try {
      const SINGLE_THREADED = 1;
      declare("int BLASSetThreading(int threading)")(SINGLE_THREADED);
    } catch {
      // Before macOS 15 the environment variable is all there is.
    }
    const os = builtin<typeof import("node:os")>("node:os");
    return {
      vendor: "Accelerate",
      version: `Darwin ${os?.release()}`,
      core: os?.arch() ?? "",
      reentrant: true,
      smallKernels: false,
    };
  },
};

/** In the order in which they are looked for. Accelerate first: it is on every Mac, and the fastest there. */
export const VENDORS: readonly Vendor[] = [accelerate, openblas, mkl, blis];
