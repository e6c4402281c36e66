import type { Block, Packed, Pointer } from "../engine.ts";
import { WasmMemory } from "./memory.ts";
import { panelWidth } from "./variants.ts";

/** Products of fewer multiplications than this are one call: cutting them up would cost more than a thread saves. */
const WORTH_SPLITTING = 1 << 17;
/** About so many multiplications make a chunk. */
const CHUNK = 1 << 19;

/** Matrix products: B is laid out in panels of as many columns as a tile has. */
export class WasmProducts extends WasmMemory {
  readonly #width: number = panelWidth(this.variant);

  pack(k: number, n: number, b: Block, into?: Packed): Packed {
    const width = this.#width;
    const panels = Math.ceil(n / width);
    const length = k * panels * width;
    const packed = into ?? { k, n, at: this.alloc(length), length };
    const { at, rowStride, colStride } = b;
    if (length < WORTH_SPLITTING) {
      this.exports.pack(panels, 0, k, n, at, rowStride, colStride, packed.at);
    } else {
      const chunk = Math.max(1, Math.round(CHUNK / 16 / (k * width)));
      const args = [0, 0, k, n, at, rowStride, colStride, packed.at];
      this.split("pack", panels, chunk, 0, args, [0, chunk, 0, 0, 0, 0, 0, 0]);
    }
    return packed;
  }

  freePacked(b: Packed): void {
    this.free(b.at);
  }

  gemm(m: number, a: Block, b: Packed, c: Pointer, cStride: number, accumulate: boolean): void {
    const { k, n } = b;
    if (m === 0 || n === 0) return;
    const width = this.#width;
    const panels = Math.ceil(n / width);
    const { at, rowStride, colStride } = a;
    const add = accumulate ? 1 : 0;
    if (m * k * n < WORTH_SPLITTING) {
      this.exports.gemm(panels, 0, m, k, n, at, rowStride, colStride, b.at, c, cStride, add);
      return;
    }
    const args = [panels, 0, m, k, n, at, rowStride, colStride, b.at, c, cStride, add];
    if (m > n) {
      // Each chunk of rows reads all of B, which is small here; multiples of 4 rows keep the tiles full.
      const chunk = 4 * Math.max(8, Math.round(CHUNK / (4 * k * n)));
      const steps = [0, 0, 0, 0, 0, chunk * rowStride, 0, 0, 0, chunk * cStride, 0, 0];
      this.split("gemm", m, chunk, 2, args, steps);
    } else {
      const chunk = Math.max(4, Math.round(CHUNK / (m * k * width)));
      this.split("gemm", panels, chunk, 0, args, [0, chunk, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
  }
}
