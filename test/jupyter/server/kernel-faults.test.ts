import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type * as Services from "@jupyterlab/services";
import { WebSocket } from "ws";
import { isAlive } from "../../../src/jupyter/files/alive.ts";
import { type InstalledKernelSpec, resolveKernelSpec } from "../../../src/jupyter/kernelspec/index.ts";
import type { Action } from "./fake-kernel.ts";
import { TestServer } from "./helpers.ts";
import {
  type Kernel,
  type Output,
  printed,
  run,
  services,
  settingsFor,
  silenceClient,
  until,
} from "./lab-client.ts";

const actions = (...list: Action[]): string => JSON.stringify(list);

/** A kernelspec of the fake kernel, which does at its next starts what the list says. */
function fakeSpec(name: string, stateFile?: string): InstalledKernelSpec {
  const script = path.resolve("test/jupyter/server/fake-kernel.ts");
  const argv = [
    process.execPath,
    "--conditions=unrolled-source",
    "--import",
    pathToFileURL(path.resolve("node_modules/tsx/dist/loader.mjs")).href,
    script,
    "{connection_file}",
  ];
  return {
    name,
    resourceDir: "",
    spec: {
      argv: stateFile ? [...argv, stateFile] : argv,
      display_name: name,
      language: "json",
      env: { NODE_V8_COVERAGE: "" },
    },
  };
}

describe("server when kernels fail", function () {
  this.timeout(120_000);
  silenceClient();
  let test: TestServer;
  let kernels: Services.KernelManager;
  let sessions: Services.SessionManager;
  let starts: string;
  before(async () => {
    const specs: InstalledKernelSpec[] = [];
    test = await TestServer.start({ specs, limits: { output: { text: 200_000 } } });
    starts = path.join(test.base, "starts.json");
    specs.push(fakeSpec("fake"), fakeSpec("moody", starts), await resolveKernelSpec("unrolled"));
    specs.push({
      name: "missing",
      resourceDir: "",
      spec: { argv: ["/no/such/program", "{connection_file}"], display_name: "m", language: "" },
    });
    specs.push({
      name: "broken",
      resourceDir: "",
      spec: {
        argv: [
          process.execPath,
          "-e",
          'console.error("no module named x"); process.exit(1)',
          "{connection_file}",
        ],
        display_name: "b",
        language: "",
      },
    });
    const serverSettings = settingsFor(test);
    kernels = new services.KernelManager({ serverSettings });
    sessions = new services.SessionManager({ kernelManager: kernels, serverSettings });
    await sessions.ready;
  });
  after(async () => {
    sessions.dispose();
    kernels.dispose();
    await test.stop();
  });

  let number = 0;
  const open = async (name: string): Promise<Services.Session.ISessionConnection & { kernel: Kernel }> => {
    const documentPath = `${name}-${++number}.ipynb`;
    const session = await sessions.startNew({
      path: documentPath,
      type: "notebook",
      name: documentPath,
      kernel: { name },
    });
    return session as typeof session & { kernel: Kernel };
  };
  const statusesOf = (kernel: Kernel): string[] => {
    const seen: string[] = [];
    kernel.statusChanged.connect((_sender, status) => void seen.push(status));
    return seen;
  };
  /** Runs code that ends the kernel, and waits until the client has seen the automatic restart. */
  const runDeadly = async (kernel: Kernel, ...list: Action[]): Promise<Output[]> => {
    const statuses = statusesOf(kernel);
    const { outputs } = await run(kernel, actions(...list));
    await until(() => statuses.includes("autorestarting"));
    return outputs;
  };
  const errorOf = (outputs: Output[]): string =>
    outputs
      .filter(({ type }) => type === "error")
      .map(({ content }) => (content["traceback"] as string[]).join("\n"))
      .join();

  it("tells the running cell that the kernel was killed, drops those behind it, and starts it again", async () => {
    const session = await open("unrolled");
    const { kernel } = session;
    const statuses = statusesOf(kernel);
    const pid = Number(printed((await run(kernel, "console.log(process.pid)")).outputs));
    const running = run(kernel, 'console.log("before"); while (true) {}');
    const queued = run(kernel, 'console.log("never")');
    await new Promise<void>((resolve) => {
      kernel.iopubMessage.connect((_sender, { header }) => header.msg_type === "stream" && resolve());
    });
    process.kill(pid, "SIGKILL");
    const { outputs, reply } = await running;
    assert.equal(printed(outputs), "before\n");
    assert.match(
      errorOf(outputs),
      /^the kernel "unrolled" was killed by SIGKILL\nIt is being started again, and its variables are gone: run the notebook's cells again from the first\.$/,
    );
    assert.deepEqual([reply["status"], reply["ename"]], ["error", "KernelDied"]);
    assert.equal((await queued).reply["status"], "aborted");
    await until(() => statuses.includes("autorestarting"));
    assert.equal((await run(kernel, "1 + 1")).reply["execution_count"], 1);
    assert.equal((await test.ask(`/api/kernels/${kernel.id}`)).json.execution_state, "idle");
    await session.shutdown();
  });

  it("does the same when a cell ends the process", async () => {
    const session = await open("fake");
    const outputs = await runDeadly(
      session.kernel,
      { do: "print", text: "last words" },
      { do: "exit", code: 3 },
    );
    assert.equal(printed(outputs), "last words");
    assert.match(errorOf(outputs), /^the kernel "fake" died: exit code 3/);
    assert.equal((await run(session.kernel, "[]")).reply["status"], "ok");
    await session.shutdown();
  });

  it("starts a kernel that is killed during its start once more", async () => {
    writeFileSync(starts, '["die", "live"]');
    const session = await open("moody");
    assert.equal((await run(session.kernel, "[]")).reply["status"], "ok");
    await session.shutdown();
  });

  it("says why a kernel does not start, with its last words", async () => {
    writeFileSync(starts, '["die", "die", "live"]');
    await assert.rejects(open("moody"), /the kernel "moody" was killed by SIGKILL while starting/);
    await assert.rejects(
      open("missing"),
      /the kernel "missing" could not be started: there is no program "\/no\/such\/program"/,
    );
    await assert.rejects(
      open("broken"),
      /the kernel "broken" died: exit code 1 while starting\nIts last words:\nno module named x/,
    );
    assert.deepEqual((await test.ask("/api/kernels")).json, []);
    assert.deepEqual((await test.ask("/api/sessions")).json, []);
  });

  it("survives a kernel that dies twice in a row: in a cell, and while it is started again", async () => {
    writeFileSync(starts, '["live", "die", "live"]');
    const session = await open("moody");
    const outputs = await runDeadly(session.kernel, { do: "kill" });
    assert.match(errorOf(outputs), /was killed by SIGKILL/);
    assert.equal((await run(session.kernel, "[]")).reply["status"], "ok");
    await session.shutdown();
  });

  it("gives up a kernel that cannot be started again, and tries again when the user says so", async () => {
    writeFileSync(starts, '["live", "die", "die", "live"]');
    const session = await open("moody");
    const { kernel } = session;
    const { id } = kernel;
    await run(kernel, actions({ do: "kill" }));
    await until(async () => (await test.ask(`/api/kernels/${id}`)).json.execution_state === "dead");
    const model = (await test.ask(`/api/kernels/${id}`)).json;
    assert.match(model.reason, /the kernel "moody" was killed by SIGKILL while starting/);
    await until(() => kernel.isDisposed || kernel.status === "dead");
    const restarted = await test.ask(`/api/kernels/${id}/restart`, { method: "POST" });
    assert.deepEqual(
      [restarted.status, restarted.json.execution_state, restarted.json.reason],
      [200, "idle", undefined],
    );
    await test.ask(`/api/kernels/${id}`, { method: "DELETE" });
  });

  it("gives a notebook that is opened again a new kernel in place of one that was given up", async () => {
    writeFileSync(starts, '["live", "die", "die", "live"]');
    const session = await open("moody");
    await run(session.kernel, actions({ do: "kill" }));
    await until(async () => (await test.ask(`/api/kernels/${session.kernel.id}`)).json.reason !== undefined);
    const body = { path: session.path, type: "notebook", kernel: { name: "moody" } };
    const again = await test.ask("/api/sessions", { method: "POST", body });
    assert.equal(again.json.kernel.execution_state, "idle");
    assert.notEqual(again.json.kernel.id, session.kernel.id);
    assert.equal((await test.ask("/api/kernels")).json.length, 1);
    await test.ask(`/api/sessions/${again.json.id}`, { method: "DELETE" });
  });

  it("ends a kernel that is just starting when the server is closed", async () => {
    const pidFile = path.join(test.base, "pid");
    const script = `require("fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1e6)`;
    const argv = [process.execPath, "-e", script, "{connection_file}"];
    const spec = { argv, display_name: "silent", language: "" };
    const other = await TestServer.start({ specs: [{ name: "silent", resourceDir: "", spec }] });
    const starting = other.ask("/api/kernels", { method: "POST" }).catch((error: Error) => error);
    await until(() => existsSync(pidFile) && readFileSync(pidFile, "utf8") !== "");
    const pid = Number(readFileSync(pidFile, "utf8"));
    assert.equal(isAlive(pid), true);
    await other.stop();
    assert.equal(isAlive(pid), false);
    await starting;
    assert.equal(Number(readFileSync(pidFile, "utf8")), pid, "it was not started again");
  });

  it("gives up a kernel that dies six times without finishing a cell, and says so", async () => {
    const session = await open("fake");
    const { kernel } = session;
    for (let death = 1; death <= 5; death++) {
      assert.match(errorOf(await runDeadly(kernel, { do: "kill" })), /It is being started again/, `${death}`);
    }
    const { outputs } = await run(kernel, actions({ do: "kill" }));
    assert.match(
      errorOf(outputs),
      /That was the 6th time in a row, so it is not started again\. Choose Restart Kernel/,
    );
    await until(() => kernel.isDisposed);
    await test.ask(`/api/kernels/${kernel.id}`, { method: "DELETE" });
  });

  const megabytes = Number(process.env["UNROLLED_FLOOD_MB"] ?? 10);
  it(`keeps ${megabytes} MB of output: a part in the cell, all of it in a file`, async () => {
    const session = await open("fake");
    const times = megabytes * 10_000;
    const { outputs, reply } = await run(
      session.kernel,
      actions({ do: "print", text: `${"x".repeat(90)} #\n`, times }),
    );
    assert.equal(reply["status"], "ok");
    const all = Array.from({ length: times }, (_, i) => `${"x".repeat(90)} ${i}\n`).join("");
    assert.equal(printed(outputs), all.slice(0, 200_000));
    const notices = printed(outputs, "stderr");
    assert.match(notices, /This cell has printed more than 200 kB\. All it prints goes to/);
    const file = /All of it is in (.*)\n$/.exec(notices)?.[1] ?? "";
    assert.ok(notices.includes(all.slice(-900, -1)), "the last lines are shown");
    await session.shutdown(); // closes the file
    assert.equal(readFileSync(file, "utf8") === all, true, "the file holds every character");
  });

  it("sends few of 10,000 display updates, the last one always, before the cell's end", async () => {
    const session = await open("fake");
    const code = actions(
      { do: "display", id: "bar", data: { "text/plain": "start" } },
      { do: "update", id: "bar", data: { "text/plain": "step #" }, times: 10_000 },
    );
    const { outputs } = await run(session.kernel, code);
    const updates = outputs.filter(({ type }) => type === "update_display_data");
    assert.deepEqual(updates.at(-1)?.content["data"] as object, { "text/plain": "step 9999" });
    assert.ok(updates.length < 2000, `${updates.length} updates were sent`);
    assert.deepEqual(outputs.at(-1)?.content, { execution_state: "idle" });
    await session.shutdown();
  });

  it("carries binary buffers and questions to the user", async () => {
    const session = await open("fake");
    const future = session.kernel.requestExecute({
      code: actions({ do: "display", data: {}, buffers: [[1, 2, 3], [255]] }, { do: "ask", prompt: "name?" }),
      allow_stdin: true,
    });
    const buffers: number[][] = [];
    const texts: string[] = [];
    future.onIOPub = (message) => {
      if (message.header.msg_type === "stream") texts.push((message.content as { text: string }).text);
      for (const view of message.buffers ?? []) {
        const bytes = view as DataView;
        buffers.push([...new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)]);
      }
    };
    future.onStdin = (message) => {
      assert.equal((message.content as { prompt: string }).prompt, "name?");
      session.kernel.sendInputReply({ status: "ok", value: "Ada" }, message.header as never);
    };
    await future.done;
    assert.deepEqual(buffers, [[1, 2, 3], [255]]);
    assert.deepEqual(texts, ["answer: Ada"]);
    await session.shutdown();
  });

  it("gives a tab that lost its connection what it missed", async () => {
    const session = await open("fake");
    const { kernel } = session;
    await kernel.info;
    const url = `${test.server.origin.replace("http", "ws")}/api/kernels/${kernel.id}/channels?session_id=tab&token=${test.server.token}`;
    const connect = async (): Promise<{
      socket: WebSocket;
      got: { header: { msg_type: string }; content: { text?: string } }[];
    }> => {
      // The default form, as older clients use it.
      const socket = new WebSocket(url);
      const got: never[] = [];
      socket.on("message", (data) => (got as unknown[]).push(JSON.parse(String(data))));
      await new Promise((resolve) => socket.once("open", resolve));
      return { socket, got };
    };
    const first = await connect();
    await until(async () => (await test.ask(`/api/kernels/${kernel.id}`)).json.connections === 2);
    first.socket.terminate();
    await until(async () => (await test.ask(`/api/kernels/${kernel.id}`)).json.connections === 1);
    await run(kernel, actions({ do: "print", text: "missed #;", times: 3 }));
    const second = await connect();
    await until(() =>
      second.got.some(({ header, content }) => header.msg_type === "status" && "execution_state" in content),
    );
    const text = second.got
      .filter(({ header }) => header.msg_type === "stream")
      .map(({ content }) => content.text)
      .join("");
    assert.equal(text, "missed 0;missed 1;missed 2;");
    // A tab of another name has missed nothing, because it was not there.
    second.socket.terminate();
    await session.shutdown();
  });

  it("closes a connection that sends what is no message, and goes on with the others", async () => {
    const session = await open("fake");
    const url = `${test.server.origin.replace("http", "ws")}/api/kernels/${session.kernel.id}/channels?token=${test.server.token}`;
    for (const garbage of ["{", "[]", Buffer.from([0, 0, 0, 9])]) {
      const socket = new WebSocket(url);
      await new Promise((resolve) => socket.once("open", resolve));
      socket.send(garbage);
      const code = await new Promise((resolve) => socket.once("close", resolve));
      assert.equal(code, 1003);
    }
    assert.equal((await run(session.kernel, "[]")).reply["status"], "ok");
    await session.shutdown();
  });

  it("does not let a tab speak for the kernel", async () => {
    const session = await open("fake");
    const { kernel } = session;
    const url = `${test.server.origin.replace("http", "ws")}/api/kernels/${kernel.id}/channels?token=${test.server.token}`;
    const socket = new WebSocket(url);
    await new Promise((resolve) => socket.once("open", resolve));
    const header = {
      msg_id: "forged",
      msg_type: "stream",
      session: "x",
      username: "",
      date: "",
      version: "5.3",
    };
    const forged = {
      channel: "iopub",
      header,
      parent_header: {},
      metadata: {},
      content: { name: "stdout", text: "forged" },
    };
    const seen: string[] = [];
    kernel.iopubMessage.connect((_sender, message) => void seen.push(message.header.msg_id));
    socket.send(JSON.stringify(forged));
    await run(kernel, "[]");
    assert.equal(seen.includes("forged"), false);
    socket.terminate();
    await session.shutdown();
  });
});
