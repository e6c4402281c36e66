import assert from "node:assert/strict";
import { DataError, lm } from "../../src/index.ts";

const json: lm.HistoryJSON = {
  name: "h",
  steps: [
    { step: 1, epoch: 1, tokens: 10, loss: 0.1 + 0.2, gradNorm: 1e-17, lr: 0.01, tokensPerSecond: 5 },
    { step: 2, epoch: 1, tokens: 20, loss: 2, gradNorm: 3, lr: 0.01, tokensPerSecond: 6 },
  ],
  epochs: [{ epoch: 1, step: 2, tokens: 20, trainLoss: 1.5, validLoss: Math.log(7), lr: 0.01, seconds: 2 }],
};

describe("History", () => {
  it("is the same after JSON, and after CSV, to the last bit", () => {
    const history = lm.History.fromJSON(json);
    assert.deepEqual(history.toJSON(), json);
    const csv = { steps: history.toCSV("steps"), epochs: history.toCSV("epochs") };
    assert.equal(csv.epochs.split("\n")[0], "epoch,step,tokens,trainLoss,validLoss,lr,seconds");
    assert.deepEqual(lm.History.fromCSV(csv, "h").toJSON(), json);
    assert.deepEqual(
      lm.History.fromCSV({ steps: csv.steps.replaceAll("\n", "\r\n") }).toJSON().steps,
      json.steps,
    );
  });

  it("leaves measured times out where equal runs must give equal files", () => {
    const text = JSON.stringify(lm.History.fromJSON(json).toJSON({ timings: false }));
    assert.ok(!text.includes("tokensPerSecond") && !text.includes("seconds"));
  });

  it("gives the perplexity of the last validation", () => {
    assert.ok(Math.abs(lm.History.fromJSON(json).perplexity - 7) < 1e-12);
    assert.throws(() => new lm.History().last, /no epoch was finished/);
  });

  it("becomes a danfojs frame with perplexities", () => {
    const frame = lm.History.fromJSON(json).toDataFrame();
    assert.deepEqual(frame.shape, [1, 8]);
    assert.deepEqual(frame.columns, [
      "epoch",
      "step",
      "tokens",
      "train loss",
      "train perplexity",
      "valid loss",
      "valid perplexity",
      "lr",
    ]);
    const [row] = frame.values as number[][];
    assert.ok(Math.abs(row[4] - Math.exp(1.5)) < 1e-12 && Math.abs(row[6] - 7) < 1e-12);
    assert.deepEqual(lm.History.fromJSON(json).toDataFrame("steps").shape, [2, 6]);
  });

  it("shows itself as a table", () => {
    assert.match(
      String(lm.History.fromJSON(json)),
      /History "h": 2 steps, 1 epochs; losses in nats per token\n\s+epoch/,
    );
    const { "text/html": html } = lm.History.fromJSON({ ...json, name: "<b>" }).view() as Record<
      string,
      string
    >;
    assert.ok(/&(lt|#60);b/.test(html) && !html.includes("<b>"));
  });

  it("names the record or line that cannot be read", () => {
    assert.throws(() => lm.History.fromJSON({} as never), /needs \{ name, steps/);
    assert.throws(
      () => lm.History.fromJSON({ ...json, steps: [{ step: 1 }] }),
      /step record 0 has no number "epoch"/,
    );
    assert.throws(
      () => lm.History.fromCSV({ steps: "step,epoch\n1" }),
      /steps, line 2: 1 cells for 2 columns/,
    );
    assert.throws(
      () => lm.History.fromCSV({ steps: "step,epoch\n1,x" }),
      (e) => e instanceof DataError && /line 2: "x" is not a number/.test(e.message),
    );
  });
});
