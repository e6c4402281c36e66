import assert from "node:assert/strict";
import { DataError, lm, viz } from "../../src/index.ts";

const json: lm.HistoryJSON = {
  name: "h",
  steps: [
    { step: 1, epoch: 1, tokens: 10, loss: 0.1 + 0.2, gradNorm: 1e-17, lr: 0.01, tokensPerSecond: 5 },
    { step: 2, epoch: 1, tokens: 20, loss: 2, gradNorm: 3, lr: 0.01, tokensPerSecond: 6 },
  ],
  epochs: [
    {
      epoch: 1,
      step: 2,
      tokens: 20,
      trainLoss: 1.5,
      validLoss: Math.log(7),
      gradNorm: 1.5,
      lr: 0.01,
      tokensPerSecond: 5.5,
      seconds: 2,
    },
  ],
};

describe("History", () => {
  it("is the same after JSON, and after CSV, to the last bit", () => {
    const history = lm.History.fromJSON(json);
    assert.deepEqual(history.toJSON(), json);
    const csv = { steps: history.toCSV("steps"), epochs: history.toCSV("epochs") };
    assert.equal(
      csv.epochs.split("\n")[0],
      "epoch,step,tokens,trainLoss,validLoss,gradNorm,lr,tokensPerSecond,seconds",
    );
    assert.deepEqual(lm.History.fromCSV(csv, "h").toJSON(), json);
    assert.deepEqual(
      lm.History.fromCSV({ steps: csv.steps.replaceAll("\n", "\r\n") }).toJSON().steps,
      json.steps,
    );
    // As a spreadsheet writes it: a mark at the beginning, empty lines at the end.
    assert.deepEqual(lm.History.fromCSV({ steps: `\ufeff${csv.steps}\n\n` }).toJSON().steps, json.steps);
    const stopped = lm.History.fromJSON({ ...json, interrupted: true });
    assert.deepEqual(stopped.toJSON(), { ...json, interrupted: true });
    assert.match(String(stopped), /1 epoch, interrupted; losses/);
  });

  it("may be long: 200,000 steps survive JSON, CSV and a drawing", () => {
    const steps = Array.from({ length: 200_000 }, (_, i) => ({
      ...json.steps[0],
      step: i + 1,
      tokens: 10 * i,
    }));
    const history = lm.History.fromJSON({ ...json, steps });
    assert.equal(history.steps.length, steps.length);
    const back = lm.History.fromCSV({ steps: history.toCSV("steps"), epochs: history.toCSV("epochs") });
    assert.deepEqual(back.steps.at(-1), steps.at(-1));
    assert.match(String(history), /200,?000/);
    assert.ok(viz.lossCurve(history).toSVG().startsWith("<svg"));
  });

  it("has no number that is NaN after JSON but was not, and keeps NaN", () => {
    const odd = { ...json, steps: [{ ...json.steps[0], gradNorm: Number.NaN }] };
    const back = lm.History.fromJSON(JSON.parse(JSON.stringify(lm.History.fromJSON(odd))));
    assert.deepEqual(back.toJSON(), odd);
    assert.deepEqual(lm.History.fromCSV({ steps: back.toCSV() }).toJSON().steps, odd.steps);
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
    assert.deepEqual(frame.shape, [1, 9]);
    assert.deepEqual(frame.columns, [
      "epoch",
      "step",
      "tokens",
      "train loss",
      "train perplexity",
      "valid loss",
      "valid perplexity",
      "gradient norm",
      "lr",
    ]);
    const [row] = frame.values as number[][];
    assert.ok(Math.abs(row[4] - Math.exp(1.5)) < 1e-12 && Math.abs(row[6] - 7) < 1e-12);
    const steps = lm.History.fromJSON(json).toDataFrame("steps");
    assert.deepEqual(steps.columns, ["step", "epoch", "tokens", "loss", "perplexity", "gradient norm", "lr"]);
    assert.deepEqual(steps.sortValues("loss", { ascending: false }).head(1).shape, [1, 7]);
    assert.deepEqual(steps.column("perplexity").values, [0.1 + 0.2, 2].map(Math.exp));
    assert.deepEqual(new lm.History().toDataFrame().shape, [0, 0]);
    const timed = lm.History.fromJSON(json).toDataFrame("steps", { timings: true });
    assert.deepEqual(timed.column("tokens/s").values, [5, 6]);
    const { tokensPerSecond: _, ...untimed } = json.epochs[0];
    const again = lm.History.fromJSON({ ...json, epochs: [untimed] }).toDataFrame("epochs", {
      timings: true,
    });
    assert.deepEqual(again.column("tokens/s").values, [Number.NaN]);
  });

  it("has a column for all epochs where only some were validated", () => {
    const { validLoss: _, ...bare } = json.epochs[0];
    const some = lm.History.fromJSON({ ...json, epochs: [bare, { ...json.epochs[0], epoch: 2 }] });
    const values = some.toDataFrame().values as number[][];
    assert.deepEqual(
      values.map((row) => row[5]),
      [Number.NaN, Math.log(7)],
    );
    assert.match(String(some), /\n +1 .* - +- .*\n +2 .* 1\.9459 +7 /);
  });

  it("shows itself as a table", () => {
    assert.match(
      String(lm.History.fromJSON(json)),
      /^History "h": 2 steps, 1 epoch; losses in nats per token\n\s+epoch .*\n +1 +2 +20 +1\.5000 +4\.482 +1\.9459 +7 +1\.5 +0\.01$/,
    );
    assert.match(String(new lm.History()), /^History: 0 steps, 0 epochs; losses/);
    const { "text/html": html } = lm.History.fromJSON({ ...json, name: "<b>" }).view() as Record<
      string,
      string
    >;
    assert.ok(/&(lt|#60);b/.test(html) && !html.includes("<b>"));
  });

  it("shows the first and the last step where no epoch was finished", () => {
    const step = (n: number) => ({ ...json.steps[0], step: n, tokens: 10 * n, loss: 4 / n });
    const stopped = (n: number) =>
      String(
        lm.History.fromJSON({
          name: "",
          steps: Array.from({ length: n }, (_, i) => step(i + 1)),
          epochs: [],
        }),
      ).split("\n");
    const [title, header, first, gap, last, ...more] = stopped(8);
    assert.equal(title, "History: 8 steps, 0 epochs; losses in nats per token");
    assert.match(header, /^ +step +epoch +tokens +loss +perplexity +gradient norm +lr$/);
    assert.match(first, /^ +1 +1 +10 +4\.0000 +54\.6 /);
    assert.match(gap, /^ +… +…/);
    assert.match(last, /^ +8 +1 +80 +0\.5000 +1\.649 /);
    assert.deepEqual(more, []);
    assert.equal(stopped(2).length, 4);
    const one = stopped(1);
    assert.equal(one[0], "History: 1 step, 0 epochs; losses in nats per token");
    assert.match(one[2], /^ +1 +1 +10 +4\.0000/);
  });

  it("shows the first and the last of many epochs", () => {
    const many = new lm.History();
    for (let epoch = 1; epoch <= 100; epoch++)
      many.epochs.push({ epoch, step: epoch, tokens: 9, trainLoss: 1, lr: 1 });
    const rows = String(many).split("\n").slice(2);
    assert.equal(rows.length, 41);
    assert.match(rows[20], /^ +… +… /);
    assert.match(rows[40], /^ +100 /);
  });

  it("names the record or line that cannot be read", () => {
    assert.throws(() => lm.History.fromJSON({} as never), /needs \{ name, steps/);
    assert.throws(
      () => lm.History.fromJSON({ ...json, steps: [{ step: 1 }] }),
      /step record 0 has no number "epoch"/,
    );
    assert.throws(
      () => lm.History.fromJSON({ ...json, steps: [{ ...json.steps[0], loss: "1" as never }] }),
      /step record 0 has no number "loss", but "1"/,
    );
    assert.throws(
      () => lm.History.fromCSV({ steps: "step,epoch\n\n1,2\n3" }),
      /line 4: 1 cells for 2 columns/,
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
