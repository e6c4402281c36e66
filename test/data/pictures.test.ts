import assert from "node:assert/strict";
import { captions, film } from "../../src/data/index.ts";
import { Generator } from "../../src/random.ts";

const SEED = 17;

describe("data: captions of drawn shapes", () => {
  const task = captions();

  it("follow from the picture, noise and place aside", () => {
    const batch = task.batch(300, new Generator(SEED));
    assert.deepEqual(batch.shape, [300, 256]);
    assert.equal(batch.x.length, 300 * 256);
    assert.deepEqual(task.solve(batch), batch.captions);
    assert.ok(batch.x.every((value) => value >= 0 && value <= 1));
  });

  it("are 64 different ones, of words that are listed", () => {
    const texts = task.scenes.map((scene) => task.caption(scene).join(" "));
    assert.equal(new Set(texts).size, 64);
    assert.ok(texts.includes("a small outlined triangle at the bottom left"));
    assert.deepEqual([...new Set(texts.flatMap((text) => text.split(" ")))].sort(), task.words);
  });

  it("are drawn where they say", () => {
    const quiet = captions({ noise: 0 });
    const { x, captions: texts } = quiet.batch(200, new Generator(SEED));
    texts.forEach((caption, b) => {
      let [mass, row, column] = [0, 0, 0];
      for (let i = 0; i < 256; i++) {
        const value = x[b * 256 + i];
        mass += value;
        row += value * Math.floor(i / 16);
        column += value * (i % 16);
      }
      assert.equal(row / mass < 7.5, caption.includes("top"), caption.join(" "));
      assert.equal(column / mass < 7.5, caption.includes("left"), caption.join(" "));
      assert.ok(mass > 5 && mass < 64, `${mass}`);
    });
  });

  it("fit into the picture: nothing is cut off at its edge", () => {
    const { x } = captions({ noise: 0 }).batch(500, new Generator(SEED));
    const edges = x.filter((_, i) => i % 16 === 0 || i % 16 === 15 || i % 256 < 16 || i % 256 >= 240);
    assert.ok(
      edges.every((value) => value <= 0.5),
      String(edges.reduce((a, b) => Math.max(a, b), 0)),
    );
  });

  it("refuses a negative noise and an empty batch", () => {
    assert.throws(() => captions({ noise: -1 }), /captions: noise/);
    assert.throws(() => task.batch(0, new Generator(1)), /captions.batch: size/);
  });
});

describe("data: films", () => {
  it("label each frame with the move that led to it", () => {
    const [T, B] = [12, 60];
    const task = film({ length: T, noise: 0 });
    const { x, y, shape } = task.batch(B, new Generator(SEED));
    assert.deepEqual(shape, [T, B, 256]);
    const middle = (t: number, b: number) => {
      let [mass, row, column] = [0, 0, 0];
      for (let i = 0; i < 256; i++) {
        const value = x[(t * B + b) * 256 + i];
        mass += value;
        row += value * Math.floor(i / 16);
        column += value * (i % 16);
      }
      return [column / mass, row / mass];
    };
    const moves = [
      [0, 0],
      [-2, 0],
      [2, 0],
      [0, -2],
      [0, 2],
    ];
    const seen = new Set<number>();
    for (let b = 0; b < B; b++) {
      assert.equal(task.moves[y[b]], "still");
      for (let t = 1; t < T; t++) {
        const [before, after] = [middle(t - 1, b), middle(t, b)];
        const move = y[t * B + b];
        seen.add(move);
        assert.ok(Math.abs(after[0] - before[0] - moves[move][0]) < 1e-4, `frame ${t} of film ${b}`);
        assert.ok(Math.abs(after[1] - before[1] - moves[move][1]) < 1e-4, `frame ${t} of film ${b}`);
      }
    }
    assert.equal(seen.size, 5);
  });
});
