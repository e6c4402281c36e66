import { modules } from "./modules.ts";

/** The instruction sets that the module is built for, the fastest first. */
export type Variant = "wide" | "relaxed" | "plain";

export interface EmbeddedModule {
  /** Columns of the tile of C that is computed at a time; it has four rows. */
  readonly columns: number;
  /** Whether it uses relaxed SIMD: multiply and add as one instruction. */
  readonly relaxed: boolean;
  /** The byte of the binary that says whether the memory is shared: 1 no, 3 yes. */
  readonly flagAt: number;
  readonly base64: string;
}

/** `()→()` with one `f32x4.relaxed_madd`: valid where relaxed SIMD is known. */
const RELAXED_PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 17, 65, 0,
  253, 17, 65, 0, 253, 17, 253, 133, 2, 11,
];

/** Whether WebAssembly of this machine knows relaxed SIMD (Node 20 needs a V8 flag for it). */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(Uint8Array.from(RELAXED_PROBE));
}

/** Whether WebAssembly of this machine knows SIMD at all. */
export function hasSimd(): boolean {
  const { plain } = modules;
  return typeof WebAssembly === "object" && WebAssembly.validate(decode(plain, false));
}

/** Compiles a variant; its source is the same for memory of its own and for memory shared between threads. */
export function compile(variant: Variant, shared: boolean): WebAssembly.Module {
  return new WebAssembly.Module(decode(modules[variant], shared));
}

function decode({ base64, flagAt }: EmbeddedModule, shared: boolean): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  bytes[flagAt] = shared ? 3 : 1;
  return bytes;
}

/** Rows × columns of the tile, such as "4×8". */
export function tileOf(variant: Variant): string {
  return `4×${modules[variant].columns}`;
}

export function panelWidth(variant: Variant): number {
  return modules[variant].columns;
}
