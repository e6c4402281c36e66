// Sums over rows, and rows picked by number.
import { at, F32, load, store } from "./memory";
import { madd } from "./math";

/** y_i += a x_i. */
@inline
function addInto(n: i32, x: usize, y: usize): void {
  let left = n;
  for (; left >= 8; left -= 8) {
    const low = f32x4.add(v128.load(y), v128.load(x));
    const high = f32x4.add(v128.load(y, 16), v128.load(x, 16));
    v128.store(y, low);
    v128.store(y, high, 16);
    x += 32;
    y += 32;
  }
  for (; left > 0; left -= 4) {
    store(y, f32x4.add(load(y, left), load(x, left)), left);
    x += 16;
    y += 16;
  }
}

export function addScaled(n: i32, a: f32, x: u32, y: u32): void {
  const factor = f32x4.splat(a);
  let from = at(x);
  let to = at(y);
  let left = n;
  for (; left >= 8; left -= 8) {
    const low = madd(factor, v128.load(from), v128.load(to));
    const high = madd(factor, v128.load(from, 16), v128.load(to, 16));
    v128.store(to, low);
    v128.store(to, high, 16);
    from += 32;
    to += 32;
  }
  for (; left > 0; left -= 4) {
    store(to, madd(factor, load(from, left), load(to, left)), left);
    from += 16;
    to += 16;
  }
}

export function addBias(rows: i32, n: i32, x: u32, b: u32): void {
  for (let r = 0; r < rows; r++) addInto(n, at(b), at(x + r * n));
}

/** sum_j += Σ_r x_rj for `n` columns of a matrix with `stride` elements a row. */
export function addColumnSums(n: i32, rows: i32, stride: i32, x: u32, sum: u32): void {
  const step = (<usize>stride) * F32;
  let from = at(x);
  let to = at(sum);
  let left = n;
  for (; left >= 16; left -= 16) {
    let a = f32x4.splat(0), b = f32x4.splat(0), c = f32x4.splat(0), d = f32x4.splat(0);
    let row = from;
    for (let r = 0; r < rows; r++) {
      a = f32x4.add(a, v128.load(row));
      b = f32x4.add(b, v128.load(row, 16));
      c = f32x4.add(c, v128.load(row, 32));
      d = f32x4.add(d, v128.load(row, 48));
      row += step;
    }
    v128.store(to, f32x4.add(v128.load(to), a));
    v128.store(to, f32x4.add(v128.load(to, 16), b), 16);
    v128.store(to, f32x4.add(v128.load(to, 32), c), 32);
    v128.store(to, f32x4.add(v128.load(to, 48), d), 48);
    from += 64;
    to += 64;
  }
  for (; left > 0; left -= 4) {
    let total = f32x4.splat(0);
    let row = from;
    for (let r = 0; r < rows; r++) {
      total = f32x4.add(total, load(row, left));
      row += step;
    }
    store(to, f32x4.add(load(to, left), total), left);
    from += 16;
    to += 16;
  }
}

export function gatherRows(rows: i32, n: i32, table: u32, ids: u32, out: u32): void {
  const length = (<usize>n) * F32;
  let to = at(out);
  for (let r = 0; r < rows; r++) {
    memory.copy(to, at(table) + (<usize>i32.load(at(ids + r))) * length, length);
    to += length;
  }
}

/** Row r of out [rows, n] = column ids[r] of W [n, V]. */
export function gatherColumns(rows: i32, n: i32, V: i32, W: u32, ids: u32, out: u32): void {
  const step = (<usize>V) * F32;
  let to = at(out);
  for (let r = 0; r < rows; r++) {
    let from = at(W + i32.load(at(ids + r)));
    for (let j = 0; j < n; j++) {
      f32.store(to, f32.load(from));
      from += step;
      to += F32;
    }
  }
}

/** Column ids[r] of W [n, V] += row r of x [rows, n]. */
export function scatterAddColumns(rows: i32, n: i32, V: i32, x: u32, ids: u32, W: u32): void {
  const step = (<usize>V) * F32;
  let from = at(x);
  for (let r = 0; r < rows; r++) {
    let to = at(W + i32.load(at(ids + r)));
    for (let j = 0; j < n; j++) {
      f32.store(to, f32.load(to) + f32.load(from));
      to += step;
      from += F32;
    }
  }
}

/** For `n` columns of x and the table, both with `stride` elements a row. */
export function scatterAddRows(n: i32, rows: i32, stride: i32, x: u32, ids: u32, table: u32): void {
  for (let r = 0; r < rows; r++) {
    addInto(n, at(x + r * stride), at(table + <u32>(i32.load(at(ids + r)) * stride)));
  }
}
