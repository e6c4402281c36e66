import assert from "node:assert/strict";
import { adding, copy, temporalOrder } from "../../src/data/index.ts";
import { Generator } from "../../src/random.ts";

const SEED = 7;
const close = (found: number, expected: number, tolerance: number, what = "") =>
  assert.ok(
    Math.abs(found - expected) <= tolerance,
    `${what} ${found} is not ${expected} ± ${tolerance}, seed ${SEED}`,
  );

describe("data: copy", () => {
  it("has the baselines of the lectures", () => {
    const baselines = [50, 100, 200, 500].map((delay) => copy({ delay }).levels["nothing remembered"]);
    assert.deepEqual(
      baselines.map((nats) => nats.toFixed(4)),
      ["0.2971", "0.1733", "0.0945", "0.0400"],
    );
    assert.equal(baselines[1].toFixed(6), "0.173287");
  });

  it("lays out symbols, delay, signal and answer", () => {
    const task = copy({ delay: 3, count: 2, symbols: 4 });
    const { x, y, shape } = task.batch(2, new Generator(SEED));
    assert.deepEqual(shape, [7, 2]);
    assert.deepEqual([task.length, task.inputs, task.outputs], [7, 6, 5]);
    const column = (ids: Int32Array, b: number) => [...ids].filter((_, i) => i % 2 === b);
    for (const b of [0, 1]) {
      const [first, second, ...rest] = column(x, b);
      assert.ok(first < 4 && second < 4);
      assert.deepEqual(rest, [4, 4, 5, 4, 4]);
      assert.deepEqual(column(y, b), [4, 4, 4, 4, 4, first, second]);
    }
  });

  it("has the baseline as the least loss of a constant guess, by its symbols' frequencies", () => {
    const { y, shape } = copy({ delay: 20 }).batch(4000, new Generator(SEED));
    const [T, B] = shape;
    const counts = new Float64Array(8);
    for (const id of y) if (id < 8) counts[id]++;
    let nll = 0;
    for (const count of counts) nll -= count * Math.log(count / (10 * B));
    close(nll / (T * B), copy({ delay: 20 }).levels["nothing remembered"], 1e-4);
  });
});

describe("data: adding", () => {
  it("marks one number in each half, whose sum is the answer", () => {
    for (const length of [2, 7, 100]) {
      const B = 300;
      const { x, y, shape } = adding({ length }).batch(B, new Generator(SEED));
      assert.deepEqual(shape, [length, B, 2]);
      for (let b = 0; b < B; b++) {
        const marked: number[] = [];
        let sum = 0;
        for (let t = 0; t < length; t++) {
          const [u, mark] = x.subarray(2 * (t * B + b));
          assert.ok(u >= 0 && u <= 1 && (mark === 0 || mark === 1));
          if (mark === 1) {
            marked.push(t);
            sum += u;
          }
        }
        assert.equal(marked.length, 2);
        assert.ok(marked[0] < Math.floor(length / 2) && marked[1] >= Math.floor(length / 2), `${marked}`);
        close(y[b], sum, 1e-6);
      }
    }
  });

  it("costs who says 1 a mean squared error of 1/6, who knows one number half of it", () => {
    const task = adding({ length: 20 });
    close(task.levels["always 1"], 1 / 6, 1e-12);
    const B = 40_000;
    const { x, y } = task.batch(B, new Generator(SEED));
    const first = new Float64Array(B);
    for (let i = 0; i < 10 * B; i++) first[i % B] += x[2 * i] * x[2 * i + 1];
    // Squared errors have standard deviations .197 and .0745.
    const mean = (error: (b: number) => number) => y.reduce((sum, _, b) => sum + error(b) ** 2, 0) / B;
    close(
      mean((b) => y[b] - 1),
      task.levels["always 1"],
      (4 * 0.197) / Math.sqrt(B),
    );
    close(
      mean((b) => y[b] - first[b] - 0.5),
      task.levels["one number remembered"],
      (4 * 0.0745) / Math.sqrt(B),
    );
  });
});

describe("data: temporal order", () => {
  it("puts one letter in each window, and the class tells both", () => {
    for (const length of [10, 15, 100, 103]) {
      const task = temporalOrder({ length });
      const B = 500;
      const { x, y } = task.batch(B, new Generator(SEED));
      const classes = new Float64Array(4);
      for (let b = 0; b < B; b++) {
        const column = Array.from({ length }, (_, t) => x[t * B + b]);
        const places = column.flatMap((id, t) => (id < 2 ? [t] : []));
        assert.equal(places.length, 2, `length ${length}`);
        const [t1, t2] = places;
        assert.ok(t1 >= 0.1 * length && t1 <= 0.2 * length + 1e-9, `${t1} of ${length}`);
        assert.ok(t2 >= 0.5 * length && t2 <= 0.6 * length + 1e-9, `${t2} of ${length}`);
        assert.equal(y[b], 2 * column[t1] + column[t2]);
        assert.ok(column.every((id) => id >= 0 && id < task.inputs));
        classes[y[b]]++;
      }
      for (const count of classes) close(count, B / 4, 4 * Math.sqrt((B * 3) / 16), `length ${length}`);
    }
  });

  it("has ln 4 and ln 2 as the losses of those who forget", () => {
    assert.deepEqual(temporalOrder().levels, {
      "nothing remembered": 2 * Math.LN2,
      "one letter remembered": Math.LN2,
    });
    assert.equal(temporalOrder().outputs, 4);
  });
});

describe("data: tasks", () => {
  it("draw the same from the same seed, and solve what they draw", () => {
    for (const task of [copy({ delay: 5 }), temporalOrder({ length: 20 }), adding({ length: 20 })]) {
      const [one, two] = [0, 0].map(() => task.batch(8, new Generator(SEED)));
      assert.deepEqual(one, two);
      const batch: { x: never; shape: never } = one as never;
      assert.deepEqual(task.solve(batch), one.y);
      assert.equal(task.optimum, 0);
    }
  });

  it("refuse sizes that make no sense", () => {
    assert.throws(() => copy({ symbols: 1 }), /copy: symbols must be a whole number and ≥ 2, got 1/);
    assert.throws(() => copy({ delay: 0 }), /copy: delay/);
    assert.throws(() => adding({ length: 1 }), /adding: length/);
    assert.throws(() => temporalOrder({ length: 9 }), /temporalOrder: length/);
    assert.throws(() => adding().batch(0, new Generator(1)), /batch: size must be/);
  });
});
