import { allocate, type NDArray, type Shape, sizeOf, type TypedArray } from "../array/ndarray.ts";
import { fromRows, planReduction, toRows } from "../array/reduce.ts";
import { defineOp, type Op, type OpTexts } from "../autograd/define.ts";

interface RowSpec<A extends readonly unknown[]> extends OpTexts<A> {
  /** The dimensions along which a row lies. */
  dims: (shape: Shape, ...attrs: A) => number | readonly number[];
  /** Writes the result of one row x into y. */
  forward: (x: TypedArray, y: TypedArray, ...attrs: A) => void;
  /** Whether `backward` needs the rows of x or of y. */
  keep: "x" | "y";
  /** Writes the gradient of one row of x into dx. */
  backward: (dy: TypedArray, kept: TypedArray, dx: TypedArray, ...attrs: A) => void;
}

/** An op that turns each row of x into a row of the same length. */
export function rowwise<A extends readonly unknown[]>(spec: RowSpec<A>): Op<[NDArray], A> {
  return defineOp<[NDArray], A>({
    ...spec,
    inputs: { x: "float" },
    forward(x, ...attrs) {
      const { shape, dtype } = x;
      const plan = planReduction(shape, { dim: spec.dims(shape, ...attrs) });
      /** A fresh array whose rows are filled by `fill`, which gets the same row of each of the others. */
      const build = (arrays: NDArray[], fill: (rows: TypedArray[], out: TypedArray) => void): NDArray => {
        const sources = arrays.map((array) => toRows(array, plan));
        const out = allocate(dtype, sizeOf(shape));
        for (let i = 0; i < out.length; i += plan.count) {
          const rows = sources.map((data) => data.subarray(i, i + plan.count));
          fill(rows, out.subarray(i, i + plan.count));
        }
        return fromRows(out, shape, plan);
      };
      const y = build([x], ([row], out) => spec.forward(row, out, ...attrs));
      const saved = spec.keep === "x" ? x : y;
      return [y, [(dy) => build([dy, saved], ([g, kept], dx) => spec.backward(g, kept, dx, ...attrs))]];
    },
  });
}
