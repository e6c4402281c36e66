import assert from "node:assert/strict";
import { ArgumentError, Generator } from "../src/index.ts";

describe("Generator", () => {
  it("gives the same numbers for the same seed, and others for another", () => {
    const draw = (seed: number | string) => {
      const g = new Generator(seed);
      return [g.uniform(), g.normal(), g.int(1000), g.normal()];
    };
    assert.deepEqual(draw(42), draw("42"));
    assert.notDeepEqual(draw(42), draw(43));
    assert.deepEqual(draw(-0.0), draw(0));
  });

  it("matches seedrandom's alea for a fixed seed", () => {
    assert.equal(new Generator("1").uniform(), 0.5260470956849501);
  });

  it("continues exactly from a saved state, the spare normal included", () => {
    const g = new Generator(7);
    g.normal();
    const saved = JSON.parse(JSON.stringify(g.state()));
    const want = [g.normal(), g.uniform(), g.normal(), g.int(10)];
    const h = Generator.fromState(saved);
    assert.deepEqual([h.normal(), h.uniform(), h.normal(), h.int(10)], want);
  });

  it("refuses seeds and states that are none, by name", () => {
    for (const bad of [Number.NaN, 1.5, 2 ** 53, Infinity]) {
      assert.throws(() => new Generator(bad), /Generator: seed must be a whole number or a string/);
    }
    assert.throws(() => Generator.fromState({} as never), ArgumentError);
    assert.throws(() => new Generator(1).int(0), /int: the bound must be a whole number and ≥ 1, got 0/);
    assert.throws(() => new Generator(1).choice([]), /the list is empty/);
    assert.throws(() => new Generator(1).categorical([1, -1]), /weight 1 is -1/);
    assert.throws(() => new Generator(1).categorical([0, 0]), /sum to 0/);
  });

  it("draws with the stated distributions (4 standard errors)", () => {
    const g = new Generator("moments");
    const n = 20_000;
    let sum = 0;
    let squares = 0;
    const counts = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const z = g.normal(1, 2);
      sum += z;
      squares += (z - 1) ** 2;
      counts[g.categorical([1, 0, 3])]++;
    }
    assert.ok(Math.abs(sum / n - 1) < (4 * 2) / Math.sqrt(n), `mean ${sum / n}`);
    assert.ok(Math.abs(squares / n - 4) < (4 * 4 * Math.SQRT2) / Math.sqrt(n), `variance ${squares / n}`);
    assert.equal(counts[1], 0);
    assert.ok(Math.abs(counts[0] / n - 0.25) < 4 * Math.sqrt(0.1875 / n), `share ${counts[0] / n}`);
  });

  it("forks without drawing, and permutes without loss", () => {
    const g = new Generator(3);
    const fork = g.fork("dropout").uniform();
    assert.equal(g.fork("dropout").uniform(), fork);
    assert.equal(g.uniform(), new Generator(3).uniform());
    const p = g.permutation(50);
    assert.deepEqual(
      [...p].sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, i) => i),
    );
    assert.notDeepEqual(
      [...p],
      [...p].sort((a, b) => a - b),
    );
  });
});
