import assert from "node:assert/strict";
import {
  ArgumentError,
  arange,
  eye,
  fromData,
  full,
  Generator,
  ids,
  linspace,
  ones,
  rand,
  randn,
  ShapeError,
  tensor,
  zeros,
} from "../golden/core.ts";

describe("creating tensors", () => {
  it("tensor: numbers, nested and typed arrays, dtypes, always a copy", () => {
    assert.deepEqual([tensor(3).shape, tensor(3).item(), tensor(3).dtype], [[], 3, "float32"]);
    assert.deepEqual(
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]).shape,
      [3, 2],
    );
    assert.deepEqual(tensor([[[1]], [[2]]]).toArray(), [[[1]], [[2]]]);
    assert.deepEqual([tensor([]).shape, tensor([[], []]).shape], [[0], [2, 0]]);
    const source = Float64Array.from([1, 2]);
    const x = tensor(source);
    source[0] = 9;
    assert.deepEqual([x.dtype, [...x.data]], ["float64", [1, 2]]);
    assert.deepEqual(tensor([new Float32Array([1, 2]), new Float32Array([3, 4])] as never).toArray(), [
      [1, 2],
      [3, 4],
    ]);
    assert.equal(tensor(Int32Array.from([1])).dtype, "int32");
    assert.equal(tensor([0.1]).item(), Math.fround(0.1));
    assert.equal(tensor([0.1], { dtype: "float64" }).item(), 0.1);
    assert.equal(tensor([1], { requiresGrad: true }).requiresGrad, true);
  });

  it("refuses ragged arrays and what is no number, by name", () => {
    const refused: [unknown, new (...args: never[]) => Error, RegExp][] = [
      [[[1, 2], [3]], ShapeError, /^tensor: .*ragged.*length 2.*length 1/],
      [[[1, 2], 3], ShapeError, /^tensor: .*ragged.*length 2.*3/],
      [[1, [2]], ShapeError, /^tensor: .*ragged.*nested/],
      [[[[1]], [[1, 2]]], ShapeError, /ragged/],
      [[[1], undefined], ShapeError, /ragged.*undefined/],
      [["a"], ArgumentError, /^tensor: expected a number, got "a"/],
      [[null], ArgumentError, /^tensor: expected a number, got null/],
      ["12", ArgumentError, /^tensor: expected a number, got "12"/],
      [[true], ArgumentError, /^tensor: expected a number, got true/],
      [undefined, ArgumentError, /^tensor: expected a number, got undefined/],
    ];
    for (const [value, type, message] of refused) {
      assert.throws(
        () => tensor(value as never),
        (error: Error) => {
          assert.ok(error instanceof type, `${error.name}: ${error.message}`);
          assert.match(error.message, message);
          return true;
        },
      );
    }
  });

  it("ids are whole numbers of 32 bits", () => {
    assert.deepEqual([ids([[1, -2]]).dtype, ids(5).item()], ["int32", 5]);
    for (const bad of [0.5, Number.NaN, 2 ** 31, -(2 ** 31) - 1, Infinity]) {
      assert.throws(() => ids([bad]), /^ArgumentError: tensor: .*must be a whole number/);
    }
    assert.throws(() => tensor(Float64Array.from([1.5]), { dtype: "int32" }), /whole number .*1\.5/);
    assert.equal(ids([2 ** 31 - 1]).item(), 2 ** 31 - 1);
  });

  it("fromData looks at existing memory", () => {
    const data = Float32Array.from([1, 2, 3, 4]);
    const x = fromData(data, [2, 2]);
    data[3] = 9;
    assert.deepEqual(x.toArray(), [
      [1, 2],
      [3, 9],
    ]);
    assert.throws(() => fromData(data, [3]), /^ShapeError: fromData: shape \[3\] needs 3 elements, got 4/);
    assert.throws(() => fromData(data, [-4, -1] as never), ShapeError);
  });

  it("zeros, ones, full, eye, and shapes that are none", () => {
    assert.deepEqual(zeros([2]).toArray(), [0, 0]);
    assert.deepEqual(ones([2], { dtype: "int32" }).toArray(), [1, 1]);
    assert.deepEqual(full([1, 2], -1.5).toArray(), [[-1.5, -1.5]]);
    assert.deepEqual(eye(3).toArray(), [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    assert.deepEqual(eye(0).shape, [0, 0]);
    assert.deepEqual(zeros([]).toArray(), 0);
    for (const shape of [[-1], [1.5], [Number.NaN], 3, "2", undefined]) {
      assert.throws(() => zeros(shape as never), /^ShapeError: a shape must be a list of whole numbers/);
    }
  });

  it("arange and linspace", () => {
    assert.deepEqual([arange(4).toArray(), arange(4).dtype], [[0, 1, 2, 3], "int32"]);
    assert.deepEqual(arange(2, 5).toArray(), [2, 3, 4]);
    assert.deepEqual(arange(5, 0, -2).toArray(), [5, 3, 1]);
    assert.deepEqual(
      [arange(0, 1, 0.25).toArray(), arange(0, 1, 0.25).dtype],
      [[0, 0.25, 0.5, 0.75], "float32"],
    );
    assert.deepEqual(arange(3, 1).toArray(), []);
    assert.deepEqual(arange(3, undefined, 1, { dtype: "float64" }).dtype, "float64");
    assert.throws(() => arange(0, 3, 0), /^ArgumentError: arange: step/);
    assert.throws(() => arange(0, Number.NaN), /^ArgumentError: arange: end/);
    assert.throws(() => arange(Infinity, 3), /^ArgumentError: arange: start/);
    assert.deepEqual(linspace(0, 1, 5).toArray(), [0, 0.25, 0.5, 0.75, 1]);
    assert.deepEqual(linspace(3, 9, 1).toArray(), [3]);
    assert.deepEqual(linspace(0, 1, 0).toArray(), []);
    assert.equal(linspace(0, 0.3, 4, { dtype: "float64" }).data[3], 0.3);
    assert.throws(() => linspace(0, 1, -1), /^ArgumentError: linspace: steps/);
  });

  it("rand and randn draw from the generator that is given, the same for the same seed", () => {
    const draw = () => {
      const generator = new Generator("create");
      return [rand([100], generator), randn([100], generator)] as const;
    };
    const [u, z] = draw();
    assert.deepEqual(draw(), [u, z]);
    assert.ok(u.data.every((v: number) => v >= 0 && v < 1));
    assert.ok(z.data.some((v: number) => v < 0) && z.data.some((v: number) => v > 0));
  });
});
