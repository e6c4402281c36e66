// Blocks are named by element, as in `engine.ts`: element i of a block at p lies at byte 4 (p + i).

/** Bytes of a float32. */
export const F32: usize = 4;

/** The byte at which element p lies. */
@inline
export function at(p: u32): usize {
  return (<usize>p) << 2;
}

/** Up to four elements from p on; what lies beyond `left` is not read, and is 0. */
@inline
export function load(p: usize, left: i32): v128 {
  if (left >= 4) return v128.load(p);
  if (left == 1) return v128.load_zero<f32>(p);
  const two = v128.load_zero<f64>(p);
  return left == 2 ? two : v128.load_lane<f32>(p, two, 2, 8);
}

/** Writes the first min(left, 4) elements of v. */
@inline
export function store(p: usize, v: v128, left: i32): void {
  if (left >= 4) {
    v128.store(p, v);
    return;
  }
  if (left == 1) {
    v128.store_lane<f32>(p, v, 0);
    return;
  }
  v128.store_lane<f64>(p, v, 0);
  if (left == 3) v128.store_lane<f32>(p, v, 2, 8);
}
