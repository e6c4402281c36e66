import assert from "node:assert/strict";
import type { JupyterMessage } from "../../../src/jupyter/client/message.ts";
import { KernelTabs, type TabConnection } from "../../../src/jupyter/server/kernel-tabs.ts";

function message(channel: "iopub" | "shell", id: string, session?: string): JupyterMessage {
  const header = {
    msg_id: id,
    msg_type: "status",
    session: "kernel",
    username: "",
    date: "",
    version: "5.3",
  };
  return { channel, header, parent_header: { session }, metadata: {}, content: {}, buffers: [] };
}

class Connection implements TabConnection {
  readonly got: string[] = [];
  closed = false;
  send(one: JupyterMessage, done: (delivered: boolean) => void): void {
    this.got.push(one.header.msg_id);
    done(true);
  }
  close(): void {
    this.closed = true;
  }
}

describe("KernelTabs", () => {
  it("gives outputs to every tab, and replies to the one that asked", () => {
    const tabs = new KernelTabs();
    const [a, b] = [new Connection(), new Connection()];
    tabs.connect("a", a);
    tabs.connect("b", b);
    assert.equal(tabs.connected, 2);
    tabs.broadcast(message("iopub", "1"));
    tabs.reply(message("shell", "2", "a"));
    tabs.reply(message("shell", "3", "nobody"));
    tabs.reply(message("shell", "4"));
    assert.deepEqual([a.got, b.got], [["1", "2"], ["1"]]);
  });

  it("knows a tab by the session in what it sends, if that is another than in its address", () => {
    const tabs = new KernelTabs();
    const a = new Connection();
    tabs.connect("address", a);
    const request = message("shell", "request");
    request.header.session = "header";
    tabs.heardFrom("address", request);
    tabs.reply(message("shell", "reply", "header"));
    assert.deepEqual(a.got, ["reply"]);
  });

  it("closes the older connection of a tab, whose end then changes nothing", () => {
    const tabs = new KernelTabs();
    const [older, newer] = [new Connection(), new Connection()];
    tabs.connect("a", older);
    tabs.connect("a", newer);
    assert.deepEqual([older.closed, newer.closed, tabs.connected], [true, false, 1]);
    tabs.disconnect("a", older);
    tabs.broadcast(message("iopub", "1"));
    assert.deepEqual([older.got, newer.got], [[], ["1"]]);
  });

  it("keeps for a lost tab what it misses, and of many lost ones for the last four", () => {
    const tabs = new KernelTabs();
    const names = ["a", "b", "c", "d", "e"];
    for (const name of names) {
      const connection = new Connection();
      tabs.connect(name, connection);
      tabs.disconnect(name, connection);
    }
    tabs.broadcast(message("iopub", "missed"));
    const back = names.map((name) => {
      const connection = new Connection();
      tabs.connect(name, connection);
      return connection.got;
    });
    assert.deepEqual(back, [[], ["missed"], ["missed"], ["missed"], ["missed"]]);
    tabs.closeAll();
    assert.equal(tabs.connected, 0);
  });
});
