import assert from "node:assert/strict";
import { broadcastShapes, broadcastTo, map, unbroadcast, zip } from "../../src/array/elementwise.ts";
import {
  assign,
  fromNested,
  generate,
  NDArray,
  normalizeDim,
  normalizeDims,
  normalizeIndex,
  toNested,
  walkRows,
} from "../../src/array/ndarray.ts";
import { planReduction, reduceRows } from "../../src/array/reduce.ts";
import {
  cat,
  cut,
  flip,
  inversePermutation,
  permute,
  reshape,
  scatter,
  slice,
  transpose,
} from "../../src/array/shape.ts";
import { Generator } from "../golden/core.ts";

/** 0, 1, 2, … in row-major order. */
const count = (...shape: number[]) => generate(shape, "float64", (i) => i);
const numbers = (x: NDArray) => Array.from(x.flat());

describe("NDArray", () => {
  it("finds an element at offset + Σ index · stride", () => {
    const data = Float32Array.from({ length: 12 }, (_, i) => i);
    const x = new NDArray(data, [2, 3], [1, 4], 2);
    assert.deepEqual(toNested(x), [
      [2, 6, 10],
      [3, 7, 11],
    ]);
    assert.deepEqual([x.ndim, x.size, x.dtype, x.isContiguous], [2, 6, "float32", false]);
    assert.equal(new NDArray(data, [], [], 5).item(), 5);
    assert.throws(() => x.item(), /^ShapeError: item: .*\[2,3\]/);
  });

  it("is contiguous where rows follow each other without gaps; strides of size 1 do not matter", () => {
    assert.ok(count(2, 3).isContiguous && count().isContiguous && count(0, 3).isContiguous);
    assert.ok(new NDArray(new Float32Array(6), [1, 3, 1], [99, 1, 7]).isContiguous);
    assert.ok(slice(count(4, 3), [[1, 3]]).isContiguous);
    assert.ok(!transpose(count(2, 3), 0, 1).isContiguous);
    assert.ok(!slice(count(4, 3), [null, [0, 2]]).isContiguous);
    assert.ok(new NDArray(new Float32Array(1), [0, 5], [77, 3]).isContiguous, "nothing has no gaps");
  });

  it("flat is a window on the data where it can be, else a copy", () => {
    const x = count(4, 3);
    assert.equal(x.flat(), x.data);
    const rows = slice(x, [[1, 3]]);
    assert.deepEqual(numbers(rows), [3, 4, 5, 6, 7, 8]);
    assert.equal(rows.flat().buffer, x.data.buffer);
    const turned = transpose(x, 0, 1);
    assert.deepEqual(numbers(turned), [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
    assert.notEqual(turned.flat().buffer, x.data.buffer);
    assert.equal(x.contiguous(), x);
  });

  it("changes dtype by rounding, and keeps itself for its own", () => {
    const x = fromNested([0.1, 2.9, -2.9], "float64");
    assert.deepEqual(numbers(x.to("float32")), [0.1, 2.9, -2.9].map(Math.fround));
    assert.deepEqual(numbers(x.to("int32")), [0, 2, -2]);
    assert.equal(x.to("float64"), x);
  });

  it("reads nested arrays of any depth, typed rows included", () => {
    const { shape } = fromNested(
      [
        [[1], [2]],
        [[3], [4]],
      ],
      "float32",
    );
    assert.deepEqual(shape, [2, 2, 1]);
    assert.deepEqual(fromNested([], "float32").shape, [0]);
    assert.deepEqual(fromNested([[], []], "float32").shape, [2, 0]);
    assert.deepEqual(toNested(fromNested([Float32Array.of(1, 2), [3, 4]] as never, "float32")), [
      [1, 2],
      [3, 4],
    ]);
    for (const ragged of [
      [[1, 2], [3]],
      [[1], 2],
      [1, [2]],
      [[[1]], [[2, 3]]],
      [[], [1]],
    ]) {
      assert.throws(() => fromNested(ragged as never, "float32"), /^ShapeError: tensor: rows are ragged/);
    }
  });

  it("walks all rows of several arrays at once, in row-major order", () => {
    const x = count(2, 3, 2);
    const y = permute(count(3, 2, 2), [1, 0, 2]);
    const seen: number[][] = [];
    walkRows([2, 3, 2], [x, y], (length, [a, b], [stepA, stepB]) => {
      for (let i = 0; i < length; i++) seen.push([x.data[a + i * stepA], y.data[b + i * stepB]]);
    });
    assert.deepEqual(
      seen.map(([a]) => a),
      numbers(x),
    );
    assert.deepEqual(
      seen.map(([, b]) => b),
      numbers(y),
    );
    let visits = 0;
    walkRows([], [count()], (length) => {
      visits += length;
    });
    walkRows([3, 0], [count(3, 0)], () => {
      visits += 100;
    });
    assert.equal(visits, 1);
  });

  it("counts dimensions and indices from both ends, and names what is outside", () => {
    assert.deepEqual([normalizeDim(-1, [2, 3]), normalizeDim(0, [2, 3])], [1, 0]);
    assert.deepEqual(normalizeDims([-1, 0], [2, 3]), [0, 1]);
    assert.equal(normalizeIndex(-2, 5), 3);
    assert.throws(
      () => normalizeDim(2, [2, 3]),
      /dimension 2 does not exist in shape \[2,3\] \(use -2 … 1\)/,
    );
    assert.throws(() => normalizeDims([1, -1], [2, 3]), /\[2,3\] is named twice in \[1,-1\]/);
    assert.throws(() => normalizeIndex(5, 5), /index 5 is out of range for size 5/);
  });
});

describe("arrays: broadcasting", () => {
  it("aligns shapes at the right and stretches size 1", () => {
    assert.deepEqual(broadcastShapes([2, 1], [1, 3]), [2, 3]);
    assert.deepEqual(broadcastShapes([3], [2, 1]), [2, 3]);
    assert.deepEqual(broadcastShapes([], [0, 2]), [0, 2]);
    assert.deepEqual(broadcastShapes([1], [0]), [0]);
    assert.throws(() => broadcastShapes([2, 3], [4, 3]), /\[2,3\] and \[4,3\] \(2 ≠ 4 in dimension -2\)/);
    assert.throws(() => broadcastTo(count(2), [3]), /cannot expand shape \[2\] to \[3\]/);
  });

  it("a stretched view has stride 0 and copies nothing", () => {
    const x = count(3, 1);
    const wide = broadcastTo(x, [2, 3, 4]);
    assert.deepEqual([wide.data, wide.strides], [x.data, [0, 1, 0]]);
    assert.deepEqual(toNested(slice(wide, [1])), [
      [0, 0, 0, 0],
      [1, 1, 1, 1],
      [2, 2, 2, 2],
    ]);
  });

  it("unbroadcast is its transpose: ⟨stretch x, y⟩ = ⟨x, unbroadcast y⟩", () => {
    const random = new Generator(5);
    for (const [from, to] of [
      [
        [3, 1],
        [2, 3, 4],
      ],
      [[], [2, 2]],
      [
        [1, 1],
        [3, 2],
      ],
      [[4], [3, 4]],
      [
        [0, 1],
        [0, 3],
      ],
    ]) {
      const x = generate(from, "float64", () => random.normal());
      const y = generate(to, "float64", () => random.normal());
      const product = (a: NDArray, b: NDArray) =>
        numbers(zip(a, b, (p, q) => p * q)).reduce((s, v) => s + v, 0);
      const [left, right] = [product(broadcastTo(x, to), y), product(x, unbroadcast(y, from))];
      assert.ok(Math.abs(left - right) < 1e-12, `${from} to ${to}: ${left}, ${right}`);
    }
  });

  it("zip and map read any layout and give a fresh row-major array", () => {
    const x = transpose(count(2, 3), 0, 1);
    assert.deepEqual(numbers(map(x, (v) => v * 10)), [0, 30, 10, 40, 20, 50]);
    const sum = zip(x, count(3, 2), (a, b) => a + b);
    assert.deepEqual(numbers(sum), [0, 4, 3, 7, 6, 10]);
    assert.equal(zip(x, count(3, 2), (a, b) => (a > b ? 1 : 0), "int32").dtype, "int32");
  });
});

describe("arrays: shapes", () => {
  it("views of views keep naming the same elements", () => {
    const x = count(3, 4, 2);
    const view = flip(permute(slice(x, [null, [1, 4, 2]]), [2, 0, 1]), [0, 2]);
    assert.equal(view.data, x.data);
    for (let k = 0; k < 2; k++) {
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 2; j++) {
          const element = toNested(slice(view, [k, i, j]));
          assert.equal(element, 8 * i + 2 * (1 + 2 * (1 - j)) + (1 - k));
        }
      }
    }
    assert.deepEqual(inversePermutation([2, 0, 1]), [1, 2, 0]);
    assert.deepEqual(inversePermutation([-1, 0, 1]), [1, 2, 0]);
    assert.deepEqual(toNested(permute(permute(x, [2, 0, 1]), inversePermutation([2, 0, 1]))), toNested(x));
  });

  it("reshape fills in one −1, of views too", () => {
    assert.deepEqual(reshape(count(2, 6), [3, -1]).shape, [3, 4]);
    assert.deepEqual(numbers(reshape(transpose(count(2, 3), 0, 1), [-1])), [0, 3, 1, 4, 2, 5]);
    assert.throws(() => reshape(count(2, 3), [4, -1]), /\[2,3\] \(6 elements\) does not fit \[4,-1\]/);
  });

  it("cut, cat and scatter undo each other", () => {
    const x = count(2, 5);
    const parts = cut(x, 1, [2, 0, 3]);
    assert.deepEqual(
      parts.map((p) => p.shape),
      [
        [2, 2],
        [2, 0],
        [2, 3],
      ],
    );
    assert.deepEqual(toNested(cat(parts, 1)), toNested(x));
    const middle = scatter([null, null, parts[2]], [2, 5], (whole) => cut(whole, 1, [2, 0, 3]));
    assert.deepEqual(toNested(middle), [
      [0, 0, 2, 3, 4],
      [0, 0, 7, 8, 9],
    ]);
    assert.throws(() => cat([count(2, 3), count(3, 2)], 0), /\[2,3\], \[3,2\]/);
  });

  it("assign writes into a view and nowhere else", () => {
    const whole = new NDArray(new Float64Array(6).fill(-1), [2, 3]);
    assign(slice(whole, [null, [0, 3, 2]]), transpose(count(2, 2), 0, 1));
    assert.deepEqual(toNested(whole), [
      [0, -1, 2],
      [1, -1, 3],
    ]);
  });

  it("reductions see rows whatever the dimensions", () => {
    const x = count(2, 3, 4);
    const plan = planReduction(x.shape, { dim: [0, -1] });
    assert.deepEqual([plan.outShape, plan.keptShape, plan.count], [[3], [1, 3, 1], 8]);
    const sums = reduceRows(x, plan, (row) => Array.from(row).reduce((s, v) => s + v, 0));
    assert.deepEqual(numbers(sums), [60, 92, 124]);
    assert.deepEqual(planReduction([2, 3], { dim: 0, keepdim: true }).outShape, [1, 3]);
    assert.deepEqual(planReduction([2, 3]).outShape, []);
  });
});
