import { allocate, NDArray, type Shape, sameShape } from "../array/ndarray.ts";
import { formatShape, ShapeError } from "../errors.ts";
import type { FloatArray } from "../kernels/types.ts";

/**
 * A matrix [V, D] of zeros but for some rows: the gradient of a table of which a step looked up few rows. Row
 * `ids[i]` is the sum of all `values[i]` with that id.
 *
 * It is an array like any other; its dense data are made when somebody first reads them. From then on the rows are
 * forgotten, because who holds the data may change them.
 */
export class SparseRows extends NDArray {
  #rows: Rows | null;

  constructor(ids: Int32Array, values: FloatArray, shape: Shape) {
    super(null, shape);
    this.#rows = { ids, values };
  }

  override get dtype(): "float32" | "float64" {
    const { values = this.data } = this.#rows ?? {};
    return values instanceof Float32Array ? "float32" : "float64";
  }

  /** Each id once, with its row, in the order of their first use; null once the dense data were read. */
  get rows(): Rows | null {
    if (this.#rows) this.#rows = merged(this.#rows, this.shape);
    return this.#rows;
  }

  /** The sum of two gradients: of rows, if both are, and dense otherwise. */
  override plus(other: NDArray): NDArray {
    const { shape, rows } = this;
    if (!sameShape(shape, other.shape)) {
      throw new ShapeError(`gradients ${formatShape(shape)} and ${formatShape(other.shape)} cannot be added`);
    }
    const theirs = other instanceof SparseRows ? other.rows : null;
    if (rows && theirs && rows.ids.length + theirs.ids.length <= shape[0]) {
      const ids = Int32Array.from([...rows.ids, ...theirs.ids]);
      const values = allocate(this.dtype, ids.length * shape[1]) as FloatArray;
      values.set(rows.values);
      values.set(theirs.values, rows.values.length);
      return new SparseRows(ids, values, shape);
    }
    const sum = other.flat().slice() as FloatArray;
    if (rows) addRows(rows, sum, shape[1]);
    else for (let i = 0; i < sum.length; i++) sum[i] += this.data[i];
    return new NDArray(sum, shape);
  }

  protected override load(): FloatArray {
    const data = allocate(this.dtype, this.size) as FloatArray;
    addRows(this.#rows!, data, this.shape[1]);
    this.#rows = null;
    return data;
  }
}

/** Row i of `values` [n, D] belongs to `ids[i]`. */
export interface Rows {
  readonly ids: Int32Array;
  readonly values: FloatArray;
}

/** table[ids[i]] += values[i], in the order of i. */
export function addRows({ ids, values }: Rows, table: FloatArray, D: number): void {
  for (let i = 0; i < ids.length; i++) {
    const to = ids[i] * D;
    const from = i * D;
    for (let j = 0; j < D; j++) table[to + j] += values[from + j];
  }
}

/** Rows of one id added up, in the order in which they come, as they would be in a dense matrix. */
function merged(rows: Rows, [V, D]: Shape): Rows {
  const { ids, values } = rows;
  const places = new Int32Array(V); // of each id among the merged rows, counted from 1
  let count = 0;
  const to = ids.map((id) => {
    if (places[id] === 0) places[id] = ++count;
    return places[id] - 1;
  });
  if (count === ids.length) return rows;
  const unique = new Int32Array(count);
  for (let i = ids.length - 1; i >= 0; i--) unique[to[i]] = ids[i];
  const sums = values.slice(0, count * D).fill(0);
  addRows({ ids: to, values }, sums, D);
  return { ids: unique, values: sums };
}
