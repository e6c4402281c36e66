import assert from "node:assert/strict";
import { noGrad } from "../../src/autograd/mode.ts";
import { ArgumentError, DataError } from "../../src/errors.ts";
import { EncoderDecoder } from "../../src/lm/index.ts";
import { Adam } from "../../src/optim/index.ts";
import { Generator } from "../../src/random.ts";
import { Vocabulary } from "../../src/text/index.ts";

const source = Vocabulary.fromTokens("abc");
const target = Vocabulary.fromTokens(["<s>", "</s>", "x", "y", "z"]);
const small = { source, target, embeddingSize: 6, hiddenSize: 12, seed: 1 } as const;

/** "abc" → "zyx": the sequence turned around in other letters. */
function pair(g: Generator): [number[], number[]] {
  const ids = Array.from({ length: 1 + g.int(3) }, () => g.int(3));
  return [ids, ids.map((id) => id + 2).reverse()];
}

describe("lm: EncoderDecoder", () => {
  for (const cell of ["rnn", "gru", "lstm"] as const) {
    it(`${cell}: learns to turn a sequence around, from sources of different length`, () => {
      const model = new EncoderDecoder({ ...small, cell });
      const optimizer = new Adam(model.parameters(), { lr: 2e-2 });
      const g = new Generator(3);
      for (let k = 0; k < 150; k++) {
        const batch = Array.from({ length: 16 }, () => pair(g));
        optimizer.zeroGrad();
        model
          .loss(
            batch.map(([x]) => x),
            batch.map(([, y]) => y),
          )
          .backward();
        optimizer.step();
      }
      assert.deepEqual(model.greedy([[0, 1, 2], [2], [1, 1]]), [[4, 3, 2], [4], [3, 3]]);
    });

    it(`${cell}: a batch costs the mean over its targets, whatever is padded`, () => {
      const model = new EncoderDecoder({ ...small, cell });
      const [sources, targets] = [
        [[0, 1, 2], [2]],
        [[2], [4, 3, 3, 2]],
      ];
      const alone = noGrad(() => sources.map((x, b) => model.loss([x], [targets[b]]).item()));
      const together = noGrad(() => model.loss(sources, targets).item());
      assert.ok(Math.abs(together - (2 * alone[0] + 5 * alone[1]) / 7) < 1e-6);
    });
  }

  it("stops after `length` tokens, and says each text as if it stood alone", () => {
    const model = new EncoderDecoder(small);
    const sources = [[0], [0, 1, 2, 2, 1], [1, 2]];
    const together = model.greedy(sources, { length: 4 });
    assert.ok(together.every((ids) => ids.length <= 4));
    assert.deepEqual(
      together,
      sources.map((x) => model.greedy([x], { length: 4 })[0]),
    );
  });

  it("says what is wrong", () => {
    assert.throws(() => new EncoderDecoder({ ...small, target: source }), {
      name: ArgumentError.name,
      message: /"<s>" is not in the target vocabulary; make it with \{ specials: \["<s>", "<\/s>"\] \}/,
    });
    assert.throws(
      () => new EncoderDecoder({ ...small, cell: "gur" as never }),
      /cell must be "rnn", "lstm" or "gru", got "gur"/,
    );
    const model = new EncoderDecoder(small);
    assert.throws(() => model.loss([[0]], [[2], [3]]), {
      name: DataError.name,
      message: /1 sources and 2 targets/,
    });
    assert.throws(() => model.greedy([[]]), /sequence 0 of 1 is empty/);
  });
});
