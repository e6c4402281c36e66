import type { Pointer } from "../engine.ts";
import type { Splittable } from "./exports.ts";
import { WasmProducts } from "./products.ts";

/** Elements of a chunk where each element is worked on alone: it stays in the cache together with its companions. */
const CHUNK = 16384;
/** Elements whose squares are added up in one go. */
const PIECE = 16384;
/** Pieces whose sums have a place at the same time. */
const ROUND = 64;

/** Everything on elements and on rows, and the steps of recurrent layers. */
export class WasmSteps extends WasmProducts {
  /** Doubles, each of two elements. */
  readonly #sums: Pointer = this.alloc(2 * ROUND);

  /** The function `name` over args[0] elements; the next `blocks` arguments are blocks of so many elements. */
  protected update(name: Splittable, blocks: number, args: number[]): void {
    const [n] = args;
    if (n <= CHUNK) (this.exports[name] as (...args: number[]) => void)(...args);
    else {
      const steps = args.map((_, i) => (i > 0 && i <= blocks ? CHUNK : 0));
      this.split(name, n, CHUNK, 0, args, steps);
    }
  }

  /** The function `name` over rows; a row of argument i, counted from 0 after the number of rows, has `widths[i]` elements. */
  protected rows(name: Splittable, rows: number, args: number[], widths: number[]): void {
    const width = Math.max(1, ...widths);
    const chunk = Math.max(1, Math.round(CHUNK / width));
    this.split(name, rows, chunk, 0, [rows, ...args], [0, ...widths.map((w) => chunk * w)]);
  }

  addBias(rows: number, n: number, x: Pointer, b: Pointer): void {
    if (rows * n <= CHUNK) this.exports.addBias(rows, n, x, b);
    else this.rows("addBias", rows, [n, x, b], [0, n, 0]);
  }

  addColumnSums(rows: number, n: number, x: Pointer, sum: Pointer): void {
    if (rows * n <= CHUNK) this.exports.addColumnSums(n, rows, n, x, sum);
    else {
      const chunk = Math.max(64, 16 * Math.round(CHUNK / 16 / rows));
      this.split("addColumnSums", n, chunk, 0, [n, rows, n, x, sum], [0, 0, 0, chunk, chunk]);
    }
  }

  addScaled(n: number, a: number, x: Pointer, y: Pointer): void {
    if (n <= CHUNK) this.exports.addScaled(n, a, x, y);
    else this.split("addScaled", n, CHUNK, 0, [n, a, x, y], [0, 0, CHUNK, CHUNK]);
  }
  scale(n: number, a: number, x: Pointer): void {
    if (n <= CHUNK) this.exports.scale(n, a, x);
    else this.split("scale", n, CHUNK, 0, [n, a, x], [0, 0, CHUNK]);
  }
  fill(n: number, value: number, x: Pointer): void {
    this.exports.fill(n, value, x);
  }

  /** In pieces of 16,384 elements (`PIECE` in assembly/sums.ts) whose sums are added in order. Allocates nothing. */
  sumOfSquares(n: number, x: Pointer): number {
    const sums = this.#sums;
    let total = 0;
    for (let start = 0; start < n; start += ROUND * PIECE) {
      const length = Math.min(ROUND * PIECE, n - start);
      const pieces = Math.ceil(length / PIECE);
      this.split("sumOfSquares", pieces, 2, 0, [pieces, 0, length, x + start, sums], [0, 2, 0, 0, 0]);
      for (let i = 0; i < pieces; i++) total += this.doubles[sums / 2 + i];
    }
    return total;
  }

  exp(n: number, x: Pointer, y: Pointer): void {
    this.#map("exp", n, x, y);
  }
  tanh(n: number, x: Pointer, y: Pointer): void {
    this.#map("tanh", n, x, y);
  }
  sigmoid(n: number, x: Pointer, y: Pointer): void {
    this.#map("sigmoid", n, x, y);
  }

  #map(name: "exp" | "tanh" | "sigmoid" | "relu", n: number, x: Pointer, y: Pointer): void {
    if (n <= CHUNK) this.exports[name](n, x, y);
    else this.split(name, n, CHUNK, 0, [n, x, y], [0, CHUNK, CHUNK]);
  }

  gatherRows(rows: number, n: number, table: Pointer, ids: number, out: Pointer): void {
    this.exports.gatherRows(rows, n, table, ids, out);
  }
  scatterAddRows(rows: number, n: number, x: Pointer, ids: number, table: Pointer): void {
    this.exports.scatterAddRows(n, rows, n, x, ids, table);
  }
  gatherColumns(rows: number, n: number, V: number, W: Pointer, ids: number, out: Pointer): void {
    this.exports.gatherColumns(rows, n, V, W, ids, out);
  }
  scatterAddColumns(rows: number, n: number, V: number, x: Pointer, ids: number, W: Pointer): void {
    this.exports.scatterAddColumns(rows, n, V, x, ids, W);
  }

  rnnForward(kind: "tanh" | "relu" | "sigmoid", n: number, a: Pointer, h: Pointer): void {
    this.#map(kind, n, a, h);
  }
  rnnBackward(kind: "tanh" | "relu" | "sigmoid", n: number, h: Pointer, dh: Pointer, da: Pointer): void {
    const name = `${kind}Backward` as const;
    if (n <= CHUNK) this.exports[name](n, h, dh, da);
    else this.split(name, n, CHUNK, 0, [n, h, dh, da], [0, CHUNK, CHUNK, CHUNK]);
  }

  lstmForward(
    B: number,
    H: number,
    gates: Pointer,
    cBefore: Pointer,
    c: Pointer,
    tanhC: Pointer,
    h: Pointer,
  ): void {
    if (4 * B * H <= CHUNK) this.exports.lstmForward(B, H, gates, cBefore, c, tanhC, h);
    else this.rows("lstmForward", B, [H, gates, cBefore, c, tanhC, h], [0, 4 * H, H, H, H, H]);
  }

  lstmBackward(
    B: number,
    H: number,
    gates: Pointer,
    cBefore: Pointer,
    tanhC: Pointer,
    dh: Pointer,
    dc: Pointer,
    da: Pointer,
  ): void {
    if (4 * B * H <= CHUNK) this.exports.lstmBackward(B, H, gates, cBefore, tanhC, dh, dc, da);
    else {
      const widths = [0, 4 * H, H, H, H, H, 4 * H];
      this.rows("lstmBackward", B, [H, gates, cBefore, tanhC, dh, dc, da], widths);
    }
  }

  gruForward(
    B: number,
    H: number,
    gx: Pointer,
    gh: Pointer,
    gates: Pointer,
    hBefore: Pointer,
    h: Pointer,
  ): void {
    if (3 * B * H <= CHUNK) this.exports.gruForward(B, H, gx, gh, gates, hBefore, h);
    else this.rows("gruForward", B, [H, gx, gh, gates, hBefore, h], [0, 3 * H, 3 * H, 3 * H, H, H]);
  }

  gruBackward(
    B: number,
    H: number,
    gates: Pointer,
    gh: Pointer,
    hBefore: Pointer,
    dh: Pointer,
    dgx: Pointer,
    dgh: Pointer,
    dhBefore: Pointer,
  ): void {
    if (3 * B * H <= CHUNK) this.exports.gruBackward(B, H, gates, gh, hBefore, dh, dgx, dgh, dhBefore);
    else {
      const widths = [0, 3 * H, 3 * H, H, H, 3 * H, 3 * H, H];
      this.rows("gruBackward", B, [H, gates, gh, hBefore, dh, dgx, dgh, dhBefore], widths);
    }
  }

  softmaxCrossEntropy(
    rows: number,
    V: number,
    logits: Pointer,
    targets: number,
    ignore: number,
    weight: number,
    nll: Pointer,
  ): void {
    if (rows * V <= CHUNK) {
      this.exports.softmaxCrossEntropy(rows, V, logits, targets, ignore, weight, nll);
    } else {
      const args = [V, logits, targets, ignore, weight, nll];
      this.rows("softmaxCrossEntropy", rows, args, [0, V, 1, 0, 0, 1]);
    }
  }
}
