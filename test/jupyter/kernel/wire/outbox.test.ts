import assert from "node:assert/strict";
import { Outbox } from "../../../../src/jupyter/kernel/wire/outbox.ts";
import type { Sendable } from "../../../../src/jupyter/kernel/wire/thread-messages.ts";
import { type Header, newHeader } from "../../../../src/jupyter/kernel/wire/wire.ts";

describe("kernel/wire: outbox", () => {
  const [a, b] = [newHeader("execute_request", "s"), newHeader("execute_request", "s")];
  const text = (parent: Header, text: string, name: "stdout" | "stderr" = "stdout"): Sendable => ({
    kind: "stream",
    name,
    parent,
    text,
  });
  const update = (id: string, value: number): Sendable => ({
    kind: "publish",
    type: "update_display_data",
    parent: a,
    content: { data: { value }, transient: { display_id: id } },
  });
  const status: Sendable = {
    kind: "publish",
    type: "status",
    parent: a,
    content: { execution_state: "idle" },
  };

  const collect = (
    charactersPerSecond = 1e9,
  ): { outbox: Outbox; sent: Sendable[]; left: { characters: number } } => {
    const sent: Sendable[] = [];
    const left = { characters: 0 };
    const outbox = new Outbox({
      charactersPerSecond,
      now: () => 0, // time stands still, so no budget comes back
      send: async (message) => {
        sent.push(message);
      },
      sent: (characters) => {
        left.characters += characters;
      },
    });
    return { outbox, sent, left };
  };

  it("merges text of one cell and stream, and keeps the order of everything", async () => {
    const { outbox, sent, left } = collect();
    for (const message of [
      text(a, "1"),
      text(a, "2"),
      text(a, "!", "stderr"),
      text(a, "3"),
      text(b, "4"),
      status,
    ])
      outbox.push({ ...message });
    await outbox.flush();
    const seen = sent.map((message) =>
      message.kind === "stream" ? `${message.name}:${message.text}` : message.kind,
    );
    assert.deepEqual(seen, ["stdout:12", "stderr:!", "stdout:3", "stdout:4", "publish"]);
    assert.equal(left.characters, 5);
  });

  it("sends only the latest of the updates that wait for one display", async () => {
    const { outbox, sent } = collect();
    for (const message of [update("x", 1), update("y", 1), update("x", 2), text(a, "t"), update("x", 3)])
      outbox.push({ ...message });
    await outbox.flush();
    assert.deepEqual(sent, [update("y", 1), text(a, "t"), update("x", 3)]);
  });

  it("delays text beyond its rate without dropping any, and holds back what comes after it", async () => {
    const { outbox, sent } = collect(1000);
    for (let i = 0; i < 5; i++) {
      outbox.push(text(a, "x".repeat(1000)));
      outbox.push(update(String(i), i)); // keeps the texts apart
    }
    outbox.push({ ...status });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(sent.length, 2, "a second's worth, and what follows it");
    await outbox.flush();
    assert.equal(sent.length, 11);
    assert.deepEqual(sent.at(-1), status);
  });
});
