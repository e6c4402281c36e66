import assert from "node:assert/strict";
import { axis } from "../../src/viz/layout.ts";
import { familyOf, palette, sequence, stylesFor, translucent } from "../../src/viz/theme.ts";
import { contrast, difference, SIGHT } from "./colour.ts";

describe("viz: theme", () => {
  const colours = Object.entries(palette);

  it("has colours that stand out from white and from dark pages", () => {
    for (const [name, colour] of colours) {
      assert.ok(contrast(colour, "#ffffff") >= 3, `${name} on white: ${contrast(colour, "#ffffff")}`);
      assert.ok(contrast(colour, "#111111") >= 3, `${name} on #111: ${contrast(colour, "#111111")}`);
    }
    for (const page of ["#ffffff", "#111111"])
      assert.ok(contrast(palette.neutral, page) >= 4.2, "text is neutral");
  });

  it("has colours that every reader can tell apart", () => {
    for (const [kind, sight] of Object.entries(SIGHT)) {
      for (const [a, one] of colours) {
        for (const [b, other] of colours) {
          if (a < b) {
            const d = difference(one, other, sight);
            assert.ok(d >= 0.09, `${a} and ${b} with ${kind}: ${d}`);
          }
        }
      }
    }
  });

  it("knows the family by the name", () => {
    const families = {
      ngram: [
        "unigram",
        "Bigram",
        "3-gram",
        "KN-5 modified",
        "Kneser–Ney",
        "add-one",
        "stupid back-off",
        "mKN",
      ],
      window: ["fixed window", "Bengio 2003", "feed-forward", "MLP"],
      rnn: ["RNN", "Elman", "plain RNN (relu)"],
      lstm: ["LSTM", "BiLSTM, 2 layers"],
      gru: ["GRU reset after"],
    };
    for (const [family, names] of Object.entries(families)) {
      for (const name of names) assert.equal(familyOf(name), family, name);
    }
    for (const name of ["", "optimum", "transformer", "known", "address", "program"]) {
      assert.equal(familyOf(name), undefined, name);
    }
  });

  it("tells eight nameless series apart by colour, then by dash", () => {
    const styles = stylesFor(Array.from({ length: 8 }, (_, i) => `s${i}`));
    assert.deepEqual(
      styles.slice(0, 6).map(({ color }) => color),
      sequence,
    );
    assert.deepEqual(
      styles.map(({ dash }) => dash),
      [...Array(6).fill("solid"), "dash", "dash"],
    );
    assert.equal(new Set(styles.map(({ color, dash }) => color + dash)).size, 8);
  });

  it("leaves the colours of families to them", () => {
    const [lstm, gru, other] = stylesFor(["LSTM", "GRU", "mine"]).map(({ color }) => color);
    assert.deepEqual([lstm, gru], [palette.lstm, palette.gru]);
    assert.equal(other, palette.rnn, "free, because there is no RNN");
    assert.equal(stylesFor(["__proto__"], {})[0].color, palette.lstm);
  });

  it("makes colours translucent and labels safe", () => {
    assert.equal(translucent("#116eff", 0.25), "rgba(17,110,255,0.25)");
    assert.equal(translucent("red", 0.25), "red");
    assert.deepEqual(axis("<b>").title, { text: "&lt;b&gt;", standoff: 8 });
  });
});
