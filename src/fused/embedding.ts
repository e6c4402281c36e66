import { allocate, expectInRange, NDArray } from "../array/ndarray.ts";
import { named } from "../autograd/define.ts";
import { record, Tensor } from "../autograd/tensor.ts";
import { ArgumentError, formatShape, ShapeError } from "../errors.ts";
import * as expect from "../expect.ts";
import type { FloatArray } from "../kernels/types.ts";
import { addRows, SparseRows } from "./sparse-rows.ts";

/**
 * Rows of a table, as `ops.embedding`: table [V, D], ids int32 of any shape → [...ids.shape, D]. The gradient of the
 * table is `SparseRows` where a call looks up fewer rows than half the table has, so that no [V, D] array is made,
 * zeroed and walked at each step; else it is dense. Uses of the row `paddingIdx` give no gradient.
 * @throws {IndexError} for an id outside 0 … V − 1.
 */
export function embedRows(table: Tensor, ids: Tensor, { paddingIdx }: { paddingIdx?: number } = {}): Tensor {
  return named("embedding", () => {
    const { shape } = table;
    expect.instance(ids, Tensor, "ids", "make them with ids([…])");
    if (table.ndim !== 2) throw new ShapeError(`weight must be [V, D], got ${formatShape(shape)}`);
    if (table.dtype === "int32") throw new ArgumentError("weight must be float32, got int32");
    if (ids.dtype !== "int32") {
      throw new ArgumentError(`ids must be int32, got ${ids.dtype}; convert with to("int32")`);
    }
    const [V, D] = shape;
    // A copy, because the caller may use the memory of the ids for the next batch before the way back.
    const rows = ids.data.slice() as Int32Array;
    expectInRange(rows, V, "id");
    const data = table.data as FloatArray;
    const y = allocate(table.dtype, rows.length * D) as FloatArray;
    for (let i = 0; i < rows.length; i++) {
      const from = rows[i] * D;
      const to = i * D;
      for (let j = 0; j < D; j++) y[to + j] = data[from + j];
    }
    const pull = (dy: NDArray): NDArray => {
      const used = { ids: rows, values: dy.flat() as FloatArray };
      const { ids, values } = paddingIdx === undefined ? used : without(paddingIdx, used, D);
      if (2 * ids.length < V) return new SparseRows(ids, values, shape);
      const dense = allocate(dy.dtype, V * D) as FloatArray;
      addRows({ ids, values }, dense, D);
      return new NDArray(dense, shape);
    };
    const value = new NDArray(y, [...ids.shape, D]);
    return record("embedding", [table, ids], [value], ([dy]) => [pull(dy!), null])[0];
  });
}

function without(
  id: number,
  { ids, values }: { ids: Int32Array; values: FloatArray },
  D: number,
): { ids: Int32Array; values: FloatArray } {
  if (!ids.includes(id)) return { ids, values };
  return {
    ids: ids.filter((other) => other !== id),
    values: values.filter((_: number, i: number) => ids[Math.floor(i / D)] !== id) as FloatArray,
  };
}
