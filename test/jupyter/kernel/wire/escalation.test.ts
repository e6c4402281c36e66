import assert from "node:assert/strict";
import { BACKGROUND, Escalation, GUARD } from "../../../../src/jupyter/kernel/wire/escalation.ts";
import { SharedState } from "../../../../src/jupyter/kernel/wire/shared-state.ts";

describe("kernel/wire: how an interrupt grows", () => {
  /** An escalation whose clock the test turns on. */
  const make = () => {
    const state = new SharedState();
    const signals: number[] = [];
    const givenUp: number[] = [];
    let [pings, now] = [0, 0];
    const timers: { at: number; work: () => void }[] = [];
    const escalation = new Escalation({
      state,
      ping: () => pings++,
      signal: () => signals.push(state.get("running")),
      giveUp: (cell) => givenUp.push(cell),
      later: (work, milliseconds) => timers.push({ at: now + milliseconds, work }),
    });
    const wait = (milliseconds: number): void => {
      for (const end = now + milliseconds; ; ) {
        timers.sort((a, b) => a.at - b.at);
        now = Math.min(end, timers[0]?.at ?? end);
        if (timers.length === 0 || timers[0].at > end) return;
        timers.shift()!.work();
      }
    };
    state.set("guard", GUARD.inside);
    return { state, escalation, signals, givenUp, wait, pings: () => pings };
  };

  it("raises the flag at once and signals when the cell did not end", () => {
    const { state, escalation, signals, wait } = make();
    state.set("running", 7);
    escalation.interrupt();
    assert.equal(state.get("requested"), 7);
    assert.deepEqual(signals, []);
    wait(149);
    assert.deepEqual(signals, []);
    wait(1);
    assert.deepEqual(signals, [7]);
  });

  it("does not signal when the cell ended, or acknowledged, or another one runs", () => {
    for (const end of [
      (state: SharedState): void => state.set("running", 0),
      (state: SharedState): void => state.set("requested", 0),
      (state: SharedState): void => state.set("running", 8),
    ]) {
      const { state, escalation, signals, wait } = make();
      state.set("running", 7);
      escalation.interrupt();
      end(state);
      wait(300);
      assert.deepEqual(signals, []);
    }
  });

  it("waits while the cell holds it off, and no longer", () => {
    const { state, escalation, signals, wait } = make();
    state.set("running", 7);
    state.add("holds", 1);
    escalation.interrupt();
    wait(300);
    assert.deepEqual(signals, []);
    state.add("holds", -1);
    wait(200);
    assert.deepEqual(signals, [7]);
  });

  it("signals at once when asked a second time", () => {
    const { state, escalation, signals } = make();
    state.set("running", 7);
    state.add("holds", 1);
    escalation.interrupt();
    escalation.interrupt();
    assert.deepEqual(signals, [7]);
  });

  it("sends no second signal while one is on its way, and none to a main thread outside of a guard", () => {
    const { state, escalation, signals, givenUp, wait } = make();
    state.set("running", 7);
    for (let i = 0; i < 5; i++) escalation.interrupt();
    assert.deepEqual([signals, givenUp], [[7], []]);
    wait(100);
    assert.deepEqual(signals, [7], "the guard has not been left");
    state.set("guard", GUARD.outside); // the signal arrived, and the cell waits for something
    wait(25);
    assert.deepEqual([signals, givenUp], [[7], [7]]);
    state.set("guard", GUARD.inside); // it came back
    wait(25);
    assert.deepEqual(signals, [7, 7]);
  });

  it("strikes again when the cell's own code caught the signal, and stops when the cell has ended", () => {
    const { state, escalation, signals, wait } = make();
    state.set("running", 7);
    escalation.interrupt();
    wait(150 + 600);
    assert.deepEqual(signals, [7, 7]);
    state.set("running", 8);
    state.set("guard", GUARD.inside);
    wait(2000);
    assert.deepEqual(signals, [7, 7]);
  });

  it("asks background tasks to stop only when the main thread does not answer", () => {
    const idle = make();
    idle.escalation.interrupt();
    idle.state.add("pongs", 1);
    idle.wait(200);
    assert.equal(idle.state.get("requested"), 0);
    assert.deepEqual(idle.signals, []);
    const stuck = make();
    stuck.escalation.interrupt();
    stuck.wait(220);
    assert.equal(stuck.pings(), 1);
    assert.equal(stuck.state.get("requested"), BACKGROUND);
    stuck.wait(200);
    assert.equal(stuck.signals.length, 1);
    assert.equal(stuck.state.get("requested"), 0);
  });
});
