import assert from "node:assert/strict";
import { ArgumentError } from "../../src/errors.ts";
import { Generator } from "../../src/random.ts";
import { eigenSymmetric } from "../../src/viz/eigen.ts";
import { type Figure, palette, pca, scatter2d } from "../../src/viz/index.ts";
import { randomMatrix } from "./samples.ts";

const close = (actual: number, expected: number, tolerance = 1e-12): void => {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} ≠ ${expected}`);
};
const allClose = (actual: number[], expected: number[], tolerance?: number): void => {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries()) close(value, expected[i], tolerance);
};
const dot = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * b[i], 0);

function assertOrthonormal(vectors: number[][], tolerance?: number): void {
  for (const [i, a] of vectors.entries()) {
    for (const [j, b] of vectors.entries()) close(dot(a, b), i === j ? 1 : 0, tolerance);
  }
}

describe("viz: eigenSymmetric", () => {
  it("gives known values", () => {
    const { values, vectors } = eigenSymmetric([
      [2, 1],
      [1, 2],
    ]);
    allClose(values, [3, 1]);
    allClose(vectors[0].map(Math.abs), [Math.SQRT1_2, Math.SQRT1_2]);
    allClose(
      eigenSymmetric([
        [0, 1],
        [1, 0],
      ]).values,
      [1, -1],
    );
    allClose(eigenSymmetric([[5]]).values, [5]);
    allClose(
      eigenSymmetric([
        [1, 0, 0],
        [0, 3, 0],
        [0, 0, 2],
      ]).values,
      [3, 2, 1],
    );
    // The second difference with ends held: 2 − 2·cos(kπ/(n+1))
    const n = 6;
    const laplace = Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)),
    );
    allClose(
      eigenSymmetric(laplace).values,
      Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((n - k) * Math.PI) / (n + 1))),
    );
  });

  it("satisfies A v = λ v with orthonormal v, for full, integer, singular and badly scaled matrices", () => {
    const seed = Date.now();
    const random = new Generator(seed);
    for (let trial = 0; trial < 400; trial++) {
      const d = 1 + random.int(9);
      const kind = random.int(4);
      const entry = (i: number, j: number): number => {
        if (kind === 0) return random.normal();
        if (kind === 1) return random.int(3) - 1;
        if (kind === 2) return i === j ? random.int(2) : 0;
        return random.normal() * 10 ** (random.int(12) - 6);
      };
      const a = Array.from({ length: d }, () => Array<number>(d).fill(0));
      for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) a[i][j] = a[j][i] = entry(i, j);
      const { values, vectors } = eigenSymmetric(a);
      const scale = Math.max(...a.flat().map(Math.abs));
      assertOrthonormal(vectors, 1e-13 * d);
      for (let k = 0; k < d; k++) {
        const off = a.map((row, i) => Math.abs(dot(row, vectors[k]) - values[k] * vectors[k][i]));
        assert.ok(
          Math.max(...off) <= 1e-13 * d * scale,
          `seed ${seed}, trial ${trial}: residual ${Math.max(...off)}`,
        );
        if (k > 0) assert.ok(values[k - 1] >= values[k]);
      }
    }
  });
});

describe("viz: pca", () => {
  it("finds the direction of points on a line, and what it keeps", () => {
    // On the line through (1, 2) along (3, 4)/5 at −2, −1, 0, 1, 2: variance 10/4.
    const points = [-2, -1, 0, 1, 2].map((t) => [1 + 0.6 * t, 2 + 0.8 * t]);
    const { mean, components, variance, share, scores } = pca(points);
    allClose(mean, [1, 2]);
    allClose(components[0], [0.6, 0.8]);
    allClose(components[1], [0.8, -0.6]);
    allClose(variance, [2.5, 0]);
    allClose(share, [1, 0]);
    allClose(
      scores.map(([first]) => first),
      [-2, -1, 0, 1, 2],
    );
    allClose(
      scores.map(([, second]) => second),
      [0, 0, 0, 0, 0],
    );
  });

  it("agrees with the closed form in two dimensions", () => {
    const points = [
      [2, 0],
      [0, 1],
      [1, 3],
      [5, 4],
    ];
    // covariance [[14/3, 7/3], [7/3, 10/3]]: eigenvalues 4 ± √(4/9 + 49/9)
    const root = Math.sqrt(53) / 3;
    allClose(pca(points).variance, [4 + root, 4 - root]);
    allClose(pca(points).share, [(4 + root) / 8, (4 - root) / 8]);
  });

  it("gives the same whether rows or columns are fewer, and rebuilds the rows from all components", () => {
    for (const [n, d] of [
      [7, 4],
      [4, 7],
    ]) {
      const rows = randomMatrix(n, d, `${n}×${d}`);
      const { mean, components, scores, variance } = pca(rows, Math.min(n, d));
      rows.forEach((row, i) => {
        const rebuilt = mean.map(
          (m, j) => m + components.reduce((sum, c, k) => sum + scores[i][k] * c[j], 0),
        );
        allClose(rebuilt, row, 1e-12);
      });
      assertOrthonormal(components);
      variance.forEach((value, k) => {
        close(scores.reduce((sum, score) => sum + score[k] ** 2, 0) / (n - 1), value);
        if (k > 0) assert.ok(variance[k - 1] >= value);
      });
      for (const component of components) {
        const largest = component.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most));
        assert.ok(largest > 0);
      }
    }
  });

  it("gives orthonormal directions where there is no variance left", () => {
    const { components, share, scores } = pca(
      [
        [1, 1, 1, 1],
        [1, 1, 1, 1],
        [1, 1, 1, 1],
      ],
      3,
    );
    assertOrthonormal(components);
    assert.deepEqual(share, [0, 0, 0]);
    assert.deepEqual(scores.flat().map(Math.abs), Array(9).fill(0));
  });

  it("is not led astray by the scale of the numbers", () => {
    const points = [-2, -1, 0, 1, 2].map((t) => [0.6 * t, 0.8 * t, 0, 0, 0, 0]);
    for (const scale of [1e-12, 1e12]) {
      const { components, share } = pca(
        points.map((row) => row.map((v) => v * scale)),
        1,
      );
      allClose(components[0], [0.6, 0.8, 0, 0, 0, 0]);
      close(share[0], 1);
    }
  });

  it("refuses what has no components", () => {
    const refuses = (call: () => unknown, message: RegExp) =>
      assert.throws(call, (e) => e instanceof ArgumentError && message.test(e.message));
    refuses(() => pca([[1, 2]]), /one row has no variance/);
    refuses(
      () =>
        pca(
          [
            [1, 2],
            [3, 4],
          ],
          3,
        ),
      /k must be .* ≤ 2, got 3/,
    );
    refuses(
      () =>
        pca([
          [1, 2],
          [3, Number.NaN],
        ]),
      /not finite/,
    );
  });
});

describe("viz: scatter2d", () => {
  type Json = { [key: string]: Json } & Json[] & (string | number);
  const json = (figure: Figure) => figure.toJSON() as unknown as { data: Json[]; layout: Json };

  it("draws points of two coordinates as they are, by group and with labels", () => {
    const figure = scatter2d(
      [
        [1, 2],
        [3, 4],
        [5, 0],
      ],
      { labels: ["a", " ", "<s>"], groups: ["v", "c", "v"], title: "T" },
    );
    const { data } = json(figure);
    assert.deepEqual(
      data.map(({ name, x, y, text, mode }) => [name, x, y, text, mode]),
      [
        ["v", [1, 5], [2, 0], ["a", "&lt;s&gt;"], "markers+text"],
        ["c", [3], [4], ["␣"], "markers+text"],
      ],
    );
    assert.notEqual(data[0].marker.symbol, data[1].marker.symbol);
    assert.equal(
      figure.alt,
      'T: 3 points in the plane of x and y. Groups: v (2) and c (1). Leftmost "a", rightmost "<s>", lowest "<s>", highest " ".',
    );
  });

  it("projects more coordinates and says what the axes keep", () => {
    const rows = [-2, -1, 0, 1, 2].map((t) => [0.6 * t, 0.8 * t, 0]);
    const { data, layout } = json(scatter2d(rows));
    allClose(data[0].x as unknown as number[], [-2, -1, 0, 1, 2]);
    assert.equal(layout.xaxis.title.text, "component 1 (100 % of the variance)");
    assert.equal(layout.xaxis.scaleanchor, "y");
    assert.equal(data[0].mode, "markers");
    assert.equal(data[0].marker.color, palette.lstm);
  });

  it("shows more than 150 labels only under the mouse, unless told", () => {
    const many = randomMatrix(151, 2);
    const labels = many.map((_, i) => i);
    const mode = (showLabels?: boolean) =>
      json(scatter2d(many, { labels, showLabels })).data[0].mode as unknown;
    assert.deepEqual([mode(), mode(true), mode(false)], ["markers", "markers+text", "markers"]);
  });

  it("refuses points of one coordinate and too few labels", () => {
    assert.throws(() => scatter2d([[1], [2]]), /one coordinate/);
    assert.throws(() => scatter2d([[1, 2]], { labels: [] }), /labels: 0 given for 1 points/);
    assert.throws(() => scatter2d([[1, 2]], { groups: [1, 2] }), /groups: 2 given for 1 points/);
  });
});
