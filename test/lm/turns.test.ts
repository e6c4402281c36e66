import assert from "node:assert/strict";
import { lm, text } from "../../src/index.ts";
import { terminalReporter } from "../../src/lm/training/progress.ts";
import { bundleOf } from "../../src/show.ts";
import { setUp, withGlobal } from "./setup.ts";

/** A kernel's interrupt hook that writes down what is asked of it; a request comes at the n-th look. */
function fakeInterrupt(at: number) {
  const log: string[] = [];
  let [looks, requested, held] = [0, false, 0];
  const hook = {
    requested: () => {
      if (++looks === at) requested = true;
      return requested;
    },
    acknowledge: () => {
      requested = false;
      log.push(`acknowledge, held ${held}`);
    },
    hold: () => {
      held++;
      log.push("hold");
      return () => {
        held--;
        log.push("release");
      };
    },
  };
  return { hook, log, isAnswered: () => !requested, looks: () => looks };
}

describe("train in a notebook", () => {
  it("ends after the step in hand when the kernel asks for it, and says that it heard", async () => {
    const { corpus, model, options } = setUp("rnn");
    const { hook, log } = fakeInterrupt(4);
    await withGlobal("unrolled.interrupt", hook, async () => {
      const history = await lm.train(model, corpus, options);
      assert.deepEqual([history.steps.length, history.interrupted], [3, true]);
      assert.deepEqual(log, ["hold", "acknowledge, held 1", "release"]);
      // Asked once, it ends once: the next call runs.
      assert.equal((await lm.train(model, corpus, { ...options, maxSteps: 2 })).interrupted, false);
    });
  });

  it("answers a request that comes too late for it, so that the cell gets the history", async () => {
    const { corpus, model, options } = setUp("rnn");
    const counted = fakeInterrupt(Infinity);
    await withGlobal("unrolled.interrupt", counted.hook, async () => {
      await lm.train(model, corpus, { ...options, maxSteps: 3 });
    });
    const late = fakeInterrupt(counted.looks());
    await withGlobal("unrolled.interrupt", late.hook, async () => {
      const history = await lm.train(model, corpus, { ...options, maxSteps: 3 });
      assert.deepEqual([history.steps.length, history.interrupted], [3, false]);
      assert.ok(late.isAnswered());
      assert.deepEqual(late.log, ["hold", "acknowledge, held 1", "release"]);
    });
  });

  it("lets go of the kernel when a callback throws", async () => {
    const { corpus, model, options } = setUp("rnn");
    const { hook, log } = fakeInterrupt(Infinity);
    await withGlobal("unrolled.interrupt", hook, async () => {
      const fail = () => {
        throw new Error("on purpose");
      };
      await assert.rejects(lm.train(model, corpus, { ...options, onStep: fail }), /on purpose/);
      assert.deepEqual(log, ["hold", "release"]);
    });
  });

  it("does without a hook's optional parts", async () => {
    const { corpus, model, options } = setUp("rnn");
    await withGlobal("unrolled.interrupt", { requested: () => true }, async () => {
      assert.equal((await lm.train(model, corpus, options)).interrupted, true);
    });
  });

  it("gives other work a turn between steps and between pieces of a validation, as often as time is up", async () => {
    const { corpus, model, options } = setUp("lstm");
    const valid = Int32Array.from({ length: 6000 }, (_, i) => corpus.train[i % corpus.train.length]);
    const long = new text.Corpus({ ...corpus, valid });
    const turns = { training: 0, validating: 0 };
    let phase: keyof typeof turns = "training";
    let training = true;
    const other = () => {
      turns[phase]++;
      if (training) setImmediate(other);
    };
    setImmediate(other);
    const onStep = ({ step }: lm.StepRecord) => {
      if (step === 21) phase = "validating";
    };
    await withSlowClock(async () => {
      const { steps } = await lm.train(model, long, { ...options, epochs: 1, onStep });
      assert.equal(steps.length, 21);
    });
    training = false;
    assert.ok(turns.training >= 20, `${turns.training} turns in 21 steps`);
    assert.ok(turns.validating >= 6, `${turns.validating} turns in a validation of 6,000 tokens`);
  });

  it("gives other work a turn in a training of any length", async () => {
    const { corpus, model, options } = setUp("rnn");
    let turns = 0;
    for (let i = 0; i < 3; i++) {
      setImmediate(() => turns++);
      await lm.train(model, corpus, { ...options, maxSteps: 1 });
      assert.equal(turns, i + 1);
    }
  });

  it("a signal that comes while it validates ends it there; the resume validates from the beginning", async () => {
    const { corpus, model, options } = setUp("lstm");
    const valid = Int32Array.from({ length: 6000 }, (_, i) => corpus.train[i % corpus.train.length]);
    const long = new text.Corpus({ ...corpus, valid });
    const controller = new AbortController();
    const onStep = ({ step }: lm.StepRecord) => {
      // The first turn that other work gets after the last step.
      if (step === 21) setImmediate(() => controller.abort());
    };
    await withSlowClock(async () => {
      const stop = { ...options, epochs: 1, onStep, signal: controller.signal };
      const history = await lm.train(model, long, stop);
      assert.deepEqual([history.steps.length, history.epochs.length, history.interrupted], [21, 0, true]);
      const resumed = await lm.train(model, long, { ...options, epochs: 1, resume: history });
      assert.deepEqual([resumed.steps.length, resumed.epochs.length, resumed.interrupted], [21, 1, false]);
      const { nll, tokens } = model.evaluate(long);
      assert.ok(Math.abs(resumed.last.validLoss! - nll / tokens) < 1e-9);
    });
  });
});

/** Runs `f` while every look at the clock finds a second gone, so that what is due after some time is due each time. */
async function withSlowClock(f: () => Promise<void>): Promise<void> {
  const { now } = performance;
  let time = now.call(performance);
  performance.now = () => {
    time += 1000;
    return time;
  };
  try {
    await f();
  } finally {
    performance.now = now;
  }
}

describe("train: progress", () => {
  interface Shown {
    id?: string;
    update: boolean;
    bundle: Record<string, string>;
  }

  async function shownBy(run: () => Promise<unknown>): Promise<Shown[]> {
    const shown: Shown[] = [];
    const hook = {
      show: (value: unknown, { id, update }: { id?: string; update: boolean }) =>
        void shown.push({ id, update, bundle: bundleOf(value) as Record<string, string> }),
    };
    await withGlobal("unrolled.display", hook, async () => {
      await run().catch(() => {});
    });
    return shown;
  }

  it("is one display, updated in place, whose last state holds no times", async () => {
    const { corpus, model, options } = setUp("rnn");
    let history = new lm.History();
    const run = async () => {
      history = await lm.train(model, corpus, { ...options, epochs: 2, progress: true });
    };
    const shown = await shownBy(run);
    assert.ok(shown.length >= 2);
    assert.deepEqual(
      shown.map((s) => s.update),
      shown.map((_, i) => i > 0),
    );
    assert.match(shown[0].id!, /^unrolled-progress-\d+$/);
    assert.equal(new Set(shown.map((s) => s.id)).size, 1);
    assert.match(
      shown[0].bundle["text/plain"],
      /^█+░+ step 1\/42 · epoch 1\/2 · loss .* tokens\/s · .* left$/,
    );
    const { loss } = history.steps.at(-1)!;
    const details =
      `finished at step 42/42 · epoch 2/2 · loss ${loss.toFixed(4)} · perplexity ${Math.exp(loss).toFixed(2)} · ` +
      `valid perplexity ${history.perplexity.toFixed(2)}`;
    assert.deepEqual(shown.at(-1)!.bundle, {
      "text/plain": `${"█".repeat(24)} ${details}`,
      "text/html": `<div><progress max="42" value="42" aria-label="training"></progress> <span>${details}</span></div>`,
    });
    const second = await shownBy(run);
    assert.notEqual(second[0].id, shown[0].id, "another training has a display of its own");
  });

  it("says how it ended", async () => {
    const { corpus, model, options } = setUp("rnn");
    const abort = new AbortController();
    const progress = true;
    const plain = async (more: Partial<lm.TrainOptions>) =>
      (await shownBy(() => lm.train(model, corpus, { ...options, progress, ...more }))).at(-1)!.bundle[
        "text/plain"
      ];
    const stop = ({ step }: lm.StepRecord) => (step === 2 ? abort.abort() : undefined);
    assert.match(await plain({ onStep: stop, signal: abort.signal }), / interrupted at step 2\/84 /);
    const fail = ({ step }: lm.StepRecord) => {
      if (step === 3) throw new Error("on purpose");
    };
    assert.match(await plain({ onStep: fail }), / failed at step 3\/84 /);
    const none = await shownBy(() => lm.train(model, corpus, { ...options, progress: false, maxSteps: 1 }));
    assert.deepEqual(none, []);
  });

  it("on a terminal is one line, no longer than the terminal is wide until the end", () => {
    let written = "";
    const reporter = terminalReporter(
      (text) => {
        written += text;
      },
      () => 40,
    );
    const progress: lm.Progress = {
      step: 5,
      totalSteps: 20,
      epoch: 1,
      epochs: 2,
      loss: Math.LN2,
      validLoss: 0,
      tokensPerSecond: 12345.6,
      remaining: 3723,
    };
    reporter.update(progress);
    assert.equal(written, `\r\u001b[K${"█".repeat(6)}${"░".repeat(18)} step 5/20 · ep`);
    written = "";
    reporter.end(progress, "interrupted");
    assert.equal(
      written,
      `\r\u001b[K${"█".repeat(6)}${"░".repeat(18)} interrupted at step 5/20 · epoch 1/2 · loss 0.6931 · ` +
        "perplexity 2.00 · valid perplexity 1.00\n",
    );
    const long = (remaining: number) => {
      let text = "";
      const wide = terminalReporter(
        (part) => {
          text += part;
        },
        () => 400,
      );
      wide.update({ ...progress, remaining });
      return text.split(" · ").slice(-2);
    };
    assert.deepEqual(long(3723), ["12,346 tokens/s", "1:02:03 h left"]);
    assert.deepEqual(long(59.4), ["12,346 tokens/s", "59 s left"]);
    assert.deepEqual(long(61), ["12,346 tokens/s", "1:01 min left"]);
    assert.deepEqual(long(Number.NaN), ["12,346 tokens/s", "? left"]);
  });
});
