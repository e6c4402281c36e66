import { UnrolledError } from "../../errors.ts";
import { builtin } from "../threads/builtin.ts";
import { foldersOf } from "./folders.ts";
import { declareRoutines, type Koffi, loadKoffi, type Routines } from "./koffi.ts";
import { selfTest } from "./self-test.ts";
import { type Declare, type Identity, VENDORS, type Vendor } from "./vendors.ts";

/** A BLAS of the system, open and tested. */
export interface BlasLibrary extends Identity, Routines {
  /** What was given to the system's loader: a name or a path. */
  readonly file: string;
  /** The address of the first byte of a buffer. It is another one after an unshared memory has grown. */
  addressOf(buffer: ArrayBufferLike): number;
}

/** One library that was looked for, and what became of it. */
export interface Attempt {
  readonly file: string;
  readonly result: string;
}

export interface BlasSearch {
  readonly library: BlasLibrary | null;
  /** What was tried, in this order; files in usual folders only where they exist. */
  readonly attempts: readonly Attempt[];
  /** Folders that exist and were looked into, besides the places the system's loader knows. */
  readonly folders: readonly string[];
}

let found: BlasSearch | undefined;

/**
 * Looks for a BLAS: the file that `UNROLLED_BLAS` names, and only it; otherwise Accelerate, OpenBLAS, MKL and BLIS by
 * the names they usually have, first where the system's loader looks, then in the folders of `foldersOf`.
 * The first one that opens and multiplies correctly is taken. Searched once.
 */
export function findBlas(): BlasSearch {
  return (found ??= search());
}

function search(): BlasSearch {
  const attempts: Attempt[] = [];
  const node = builtin<NodeJS.Process>("node:process");
  if (!node) return { library: null, attempts, folders: [] };
  const { env, platform } = node;
  const wanted = env["UNROLLED_BLAS"];
  const fs = builtin<typeof import("node:fs")>("node:fs");
  const path = builtin<typeof import("node:path")>("node:path");
  const folders = wanted ? [] : foldersOf(platform, env).filter((folder) => fs?.existsSync(folder));
  const koffi = loadKoffi();
  if (typeof koffi === "string") {
    return { library: null, attempts: [{ file: "koffi", result: koffi }], folders };
  }
  const attempt = (file: string, vendors: readonly Vendor[]): BlasLibrary | null => {
    try {
      const library = open(koffi, file, vendors);
      attempts.push({ file, result: `${library.vendor} ${library.version}, ${library.core}` });
      return library;
    } catch (error) {
      attempts.push({ file, result: (error as Error).message });
      return null;
    }
  };
  if (wanted) return { library: attempt(wanted, VENDORS), attempts, folders };
  for (const vendor of VENDORS) {
    const names = vendor.files[platform] ?? [];
    const files = names.concat(
      folders
        .flatMap((folder) => names.map((name) => path!.join(folder, name)))
        .filter((f) => fs!.existsSync(f)),
    );
    for (const file of files) {
      const library = attempt(file, [vendor]);
      if (library) return { library, attempts, folders };
    }
  }
  return { library: null, attempts, folders };
}

/** @throws {Error} from the loader; {UnrolledError} for a library that is none of these vendors' or that multiplies wrongly. */
function open(koffi: Koffi, file: string, vendors: readonly Vendor[]): BlasLibrary {
  const restore = setWhereUnset(vendors.flatMap(({ oneThread }) => oneThread));
  try {
    const handle = koffi.load(file);
    const declare: Declare = (declaration) => handle.func(declaration);
    const products = declareRoutines(declare);
    const addressOf = (buffer: ArrayBufferLike) => Number(koffi.address(new Uint8Array(buffer)));
    const library = { ...identify(declare, vendors), ...products, file, addressOf };
    const problem = selfTest(library);
    if (problem) throw new UnrolledError(`it multiplies wrongly: ${problem}`);
    return library;
  } finally {
    restore();
  }
}

function identify(declare: Declare, vendors: readonly Vendor[]): Identity {
  for (const vendor of vendors) {
    try {
      return vendor.identify(declare);
    } catch {
      // A function of this vendor's is missing: it is somebody else's library.
    }
  }
  throw new UnrolledError(`it is not ${vendors.map(({ name }) => name).join(", ")}`);
}

/** Sets environment variables to 1 that are not set; the returned function takes them away again. */
function setWhereUnset(names: readonly string[]): () => void {
  const set = names.filter((name) => process.env[name] === undefined);
  for (const name of set) process.env[name] = "1";
  return () => {
    for (const name of set) delete process.env[name];
  };
}
