import assert from "node:assert/strict";
import type { JupyterMessage } from "../../../src/jupyter/client/message.ts";
import { Outbox, type Sink } from "../../../src/jupyter/server/outbox.ts";

let count = 0;
function message(
  type: string,
  content: Record<string, unknown>,
  parent = "cell",
  channel: "iopub" | "shell" = "iopub",
): JupyterMessage {
  const header = {
    msg_id: `m${++count}`,
    msg_type: type,
    session: "k",
    username: "",
    date: "",
    version: "5.3",
  };
  return { channel, header, parent_header: { msg_id: parent }, metadata: {}, content, buffers: [] };
}
const stream = (text: string, parent = "cell", name = "stdout") => message("stream", { name, text }, parent);
const update = (id: string, value: unknown) =>
  message("update_display_data", {
    data: { "text/plain": value },
    metadata: {},
    transient: { display_id: id },
  });
const display = (value: unknown, parent = "cell") =>
  message("display_data", { data: { "text/plain": value }, metadata: {} }, parent);
const clear = (wait: boolean) => message("clear_output", { wait });
const status = (state: string) => message("status", { execution_state: state });

/** A tab that takes messages only when it is told to, and a clock that a test moves. */
class Bench {
  readonly got: JupyterMessage[] = [];
  readonly timers: (() => void)[] = [];
  readonly pendingAcks: ((delivered: boolean) => void)[] = [];
  readonly outbox: Outbox;
  readonly sink: Sink;

  constructor(options: { inFlight?: number; held?: number; acknowledge?: boolean } = {}) {
    this.outbox = new Outbox({ ...options, schedule: (work) => this.timers.push(work) });
    this.sink = {
      send: (one, done) => {
        this.got.push(one);
        if (options.acknowledge === false) this.pendingAcks.push(done);
        else done(true);
      },
    };
  }

  attach(): this {
    this.outbox.attach(this.sink);
    this.tick();
    return this;
  }

  tick(): void {
    for (const work of this.timers.splice(0)) work();
  }

  acknowledge(delivered = true): void {
    for (const done of this.pendingAcks.splice(0)) done(delivered);
  }

  push(...messages: JupyterMessage[]): this {
    for (const one of messages) this.outbox.push(one);
    return this;
  }

  texts(): unknown[] {
    return this.got.map(({ header, content }) => {
      if (header.msg_type === "stream") return content["text"];
      if (header.msg_type === "status") return content["execution_state"];
      if (header.msg_type === "clear_output") return "clear";
      return (content["data"] as Record<string, unknown> | undefined)?.["text/plain"] ?? header.msg_type;
    });
  }
}

describe("Outbox", () => {
  it("sends a message on its own at once and unchanged", () => {
    const one = stream("a");
    const bench = new Bench().attach().push(one);
    assert.deepEqual(bench.got, [one]);
    assert.equal(bench.got[0], one);
  });

  it("joins text of one stream of one cell, and only that", () => {
    const bench = new Bench().attach().push(stream("0"));
    bench.push(
      stream("a"),
      stream("b"),
      stream("c", "cell", "stderr"),
      stream("d", "cell", "stderr"),
      stream("e", "other"),
      stream("f"),
      display("g"),
      stream("h"),
    );
    assert.deepEqual(bench.texts(), ["0"]);
    bench.tick();
    assert.deepEqual(bench.texts(), ["0", "ab", "cd", "e", "f", "g", "h"]);
  });

  it("sends what waits before any message that may not wait", () => {
    const bench = new Bench().attach().push(status("busy"), stream("a"), stream("b"), status("idle"));
    assert.deepEqual(bench.texts(), ["busy", "ab", "idle"]);
    bench.push(stream("c"), message("execute_reply", {}, "cell", "shell"));
    assert.deepEqual(bench.texts(), ["busy", "ab", "idle", "c", "execute_reply"]);
  });

  it("brings 10,000 updates of a display down to a few, of which the last is the last", () => {
    const bench = new Bench().attach().push(status("busy"), display("made"));
    for (let i = 1; i <= 10_000; i++) {
      bench.push(update("bar", i));
      if (i % 1000 === 0) bench.tick();
    }
    bench.push(status("idle"));
    assert.deepEqual(bench.texts(), [
      "busy",
      "made",
      1000,
      2000,
      3000,
      4000,
      5000,
      6000,
      7000,
      8000,
      9000,
      10_000,
      "idle",
    ]);
  });

  it("replaces only updates of the same display", () => {
    const bench = new Bench()
      .attach()
      .push(stream("0"), update("x", 1), update("y", 2), update("x", 3), update("y", 4));
    bench.tick();
    assert.deepEqual(bench.texts(), ["0", 3, 4]);
  });

  it("leaves out what clear_output wipes away: at once, or with `wait` when there is new output", () => {
    const bench = new Bench().push(
      stream("a"),
      display("b"),
      display("other cell's", "other"),
      clear(false),
      stream("c"),
    );
    bench.attach();
    assert.deepEqual(bench.texts(), ["other cell's", "clear", "c"]);
    const waiting = new Bench().push(display("a"), clear(true)).attach();
    assert.deepEqual(waiting.texts(), ["a", "clear"]);
    const animation = new Bench();
    for (let i = 0; i < 100; i++) animation.push(display(i), clear(true));
    animation.attach();
    assert.deepEqual(animation.texts(), ["clear", 99, "clear"]);
  });

  it("does not change a message that other tabs share", () => {
    const shared = stream("a");
    const slow = new Bench().push(shared, stream("b"));
    assert.equal(shared.content["text"], "a");
    slow.attach();
    assert.deepEqual(slow.texts(), ["ab"]);
  });

  it("keeps messages while the connection is lost, and gives them all when it is back", () => {
    const bench = new Bench().attach().push(stream("a"));
    bench.outbox.detach(bench.sink);
    bench.push(stream("b"), status("idle"), message("execute_reply", {}, "cell", "shell"));
    bench.tick();
    assert.deepEqual(bench.texts(), ["a"]);
    bench.attach();
    assert.deepEqual(bench.texts(), ["a", "b", "idle", "execute_reply"]);
  });

  it("sends again what a broken connection did not take, in order and once", () => {
    const bench = new Bench({ acknowledge: false }).attach().push(status("busy"));
    bench.acknowledge();
    bench.push(stream("a"), status("idle"));
    bench.acknowledge(false);
    bench.outbox.detach(bench.sink);
    bench.push(status("busy"));
    bench.attach();
    assert.deepEqual(bench.texts(), ["busy", "a", "idle", "a", "idle", "busy"]);
    bench.acknowledge();
    bench.attach();
    assert.equal(bench.got.length, 6);
  });

  it("waits for a slow tab, merging meanwhile, and loses no character", () => {
    const bench = new Bench({ inFlight: 5_000, acknowledge: false }).attach();
    let sent = "";
    for (let i = 0; i < 2000; i++) {
      bench.push(stream(`${i} `));
      sent += `${i} `;
      if (i % 50 === 0) bench.tick();
    }
    assert.ok(bench.got.length < 20, `${bench.got.length} are on their way`);
    while (bench.outbox.waiting > 0 || bench.pendingAcks.length > 0) {
      bench.acknowledge();
      bench.tick();
    }
    assert.equal(bench.texts().join(""), sent);
  });

  it("drops the oldest outputs of a tab that takes nothing, says so, and drops nothing else", () => {
    const bench = new Bench({ held: 50_000 });
    for (let i = 0; i < 100; i++)
      bench.push(status("busy"), display("x".repeat(1000), `cell${i}`), status("idle"));
    bench.attach();
    const states = bench.got.filter(({ header }) => header.msg_type === "status");
    assert.equal(states.length, 200);
    const notices = bench.texts().filter((text) => String(text).includes("outputs were dropped here"));
    assert.ok(notices.length >= 1);
    const dropped = 100 - bench.got.filter(({ header }) => header.msg_type === "display_data").length;
    assert.match(String(notices.at(-1)), new RegExp(`^\\[unrolled\\] ${dropped} outputs were dropped here`));
  });
});
