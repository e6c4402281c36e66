import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  KernelDiedError,
  type KernelOptions,
  KernelProcess,
  KernelTimeoutError,
} from "../../../src/jupyter/client/index.ts";
import { cell, fakeKernel, type Step } from "./fake-kernel.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const running: KernelProcess[] = [];
const folders: string[] = [];

function newKernel(
  options: Parameters<typeof fakeKernel>[0] = {},
  more: Partial<KernelOptions> = {},
): KernelProcess {
  const kernel = new KernelProcess({ ...fakeKernel(options), ...more });
  running.push(kernel);
  return kernel;
}

async function started(...args: Parameters<typeof newKernel>): Promise<KernelProcess> {
  const kernel = newKernel(...args);
  await kernel.start();
  return kernel;
}

function temporaryFolder(name = "unrolled-client-"): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), name));
  folders.push(folder);
  return folder;
}

/** Runs a cell of steps; the texts of its streams, and the reply. */
async function execute(kernel: KernelProcess, steps: Step[], options = {}) {
  const types: string[] = [];
  let text = "";
  const reply = await kernel.request(
    "execute_request",
    { code: cell(...steps) },
    {
      ...options,
      onIopub: ({ header, content }) => {
        types.push(header.msg_type === "status" ? String(content["execution_state"]) : header.msg_type);
        if (header.msg_type === "stream") text += content["text"];
      },
    },
  );
  return { reply, text, types };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe("jupyter client: kernel process", () => {
  afterEach(async () => {
    await Promise.all(running.splice(0).map((kernel) => kernel.shutdown()));
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  describe("start", () => {
    it("answers, knows the kernel, and is heard on iopub from the first request on", async () => {
      const kernel = await started();
      assert.deepEqual(kernel.info!["language_info"], { name: "steps", version: "1" });
      const { text, types, reply } = await execute(kernel, [["stream", "stdout", "first"]]);
      assert.equal(text, "first");
      assert.deepEqual(types, ["busy", "stream", "idle"]);
      assert.equal(reply.content["status"], "ok");
    });

    it("writes the connection file for its owner only, and removes it at the end", async () => {
      const kernel = await started();
      const { text: file } = await execute(kernel, [["connectionFile"]]);
      if (process.platform !== "win32") {
        assert.equal(statSync(path.dirname(file)).mode & 0o777, 0o700);
        assert.equal(statSync(file).mode & 0o777, 0o600);
      }
      await kernel.shutdown();
      assert.equal(existsSync(path.dirname(file)), false);
    });

    it("says what a kernel wrote that ends at once", async () => {
      await assert.rejects(newKernel({ start: "exit" }).start(), (error) => {
        assert.ok(error instanceof KernelDiedError);
        assert.equal(error.exit.code, 7);
        assert.match(
          error.message,
          /^the kernel "fake" died: exit code 7 while starting\n.*\nfake kernel: no such luck$/,
        );
        return true;
      });
    });

    it("says that a program or a working folder does not exist", async () => {
      const spec = { ...fakeKernel().spec, argv: ["/no/such/program", "{connection_file}"] };
      await assert.rejects(
        newKernel({}, { spec }).start(),
        /could not be started: there is no program "\/no\/such/,
      );
      await assert.rejects(
        newKernel({}, { cwd: "/no/such/folder" }).start(),
        /working folder \/no\/such\/folder does/,
      );
    });

    it("refuses a kernelspec that does not pass the connection file", async () => {
      const spec = { ...fakeKernel().spec, argv: [process.execPath] };
      const kernel = newKernel({}, { spec });
      await assert.rejects(kernel.start(), /kernelspec "fake": argv has no \{connection_file\}/);
      assert.equal(kernel.status, "dead");
    });

    it("gives up on a kernel that never answers, and ends it", async () => {
      const kernel = newKernel({ start: "silent" }, { startTimeoutMs: 300 });
      let pid: number | undefined;
      kernel.on("status", () => {
        pid ??= kernel.pid;
      });
      await assert.rejects(
        kernel.start(),
        (error) => error instanceof KernelTimeoutError && /did not answer within 0.3 s/.test(error.message),
      );
      assert.equal(kernel.status, "dead");
      assert.equal(kernel.pid, undefined);
      assert.equal(pid !== undefined && isAlive(pid), false);
    });

    it("tries again with other ports when one was taken", async () => {
      const mark = path.join(temporaryFolder(), "started-once");
      const kernel = await started({ start: "taken", mark });
      assert.equal((await execute(kernel, [["stream", "stdout", "second"]])).text, "second");
    });

    it("can be given up by a signal", async () => {
      const controller = new AbortController();
      const starting = newKernel({ start: "silent" }).start(controller.signal);
      controller.abort(new Error("changed my mind"));
      await assert.rejects(starting, /changed my mind/);
    });

    it("runs in its folder with the environment of the kernelspec and of the caller, spaces and all", async () => {
      const cwd = temporaryFolder("unrolled client with spaces ");
      const found = fakeKernel();
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the kernelspec's own syntax.
      found.spec.env = { FROM_SPEC: "home is ${HOME}", UNKNOWN: "${NO_SUCH_VARIABLE}" };
      const kernel = newKernel({}, { ...found, cwd, env: { FROM_CALLER: "x y", HOME_UNSET: undefined } });
      await kernel.start();
      const { text } = await execute(kernel, [
        ["cwd"],
        ["env", "FROM_SPEC"],
        ["env", "UNKNOWN"],
        ["env", "FROM_CALLER"],
        ["env", "JPY_PARENT_PID"],
      ]);
      assert.deepEqual(text.trim().split("\n"), [
        cwd,
        `FROM_SPEC=home is ${process.env["HOME"]}`,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: left as it is.
        "UNKNOWN=${NO_SUCH_VARIABLE}",
        "FROM_CALLER=x y",
        `JPY_PARENT_PID=${process.pid}`,
      ]);
    });

    it("refuses to start twice", async () => {
      const kernel = await started();
      await assert.rejects(kernel.start(), /is running already/);
    });
  });

  describe("request", () => {
    it("waits for the reply and for the end of the outputs", async () => {
      const kernel = await started();
      const { text } = await execute(kernel, [
        ["stream", "stdout", "a"],
        ["wait", 30],
        ["stream", "stdout", "b"],
      ]);
      assert.equal(text, "ab");
    });

    it("keeps a hundred requests apart that were sent at once, and their order", async () => {
      const kernel = await started();
      const done: number[] = [];
      const all = Array.from({ length: 100 }, async (_, i) => {
        const { text, reply } = await execute(kernel, [["stream", "stdout", String(i)]]);
        done.push(i);
        return [text, reply.content["execution_count"]];
      });
      assert.deepEqual(
        await Promise.all(all),
        Array.from({ length: 100 }, (_, i) => [String(i), i + 1]),
      );
      assert.deepEqual(
        done,
        [...done].sort((a, b) => a - b),
      );
    });

    it("carries binary buffers there and back", async () => {
      const kernel = await started();
      let echoed: number[] = [];
      await kernel.request(
        "execute_request",
        { code: cell(["echo"]) },
        {
          buffers: [new Uint8Array([1, 2, 255])],
          onIopub: ({ buffers }) => {
            if (buffers.length > 0) echoed = [...buffers[0]];
          },
        },
      );
      assert.deepEqual(echoed, [1, 2, 255]);
    });

    it("drops messages that another key signed and that are no JSON, and says so", async () => {
      const kernel = await started();
      let log = "";
      kernel.on("log", (_stream, text) => {
        log += text;
      });
      const { text } = await execute(kernel, [["forged"], ["garbage"], ["stream", "stdout", "real"]]);
      assert.equal(text, "real");
      assert.match(log, /dropped a message: iopub message with a wrong signature/);
      assert.match(log, /dropped a message: iopub message: its content is not JSON/);
    });

    it("ends with a time-out, after which the kernel still serves", async () => {
      const kernel = await started();
      await assert.rejects(
        execute(kernel, [["hang"]], { timeoutMs: 50 }),
        (error) =>
          error instanceof KernelTimeoutError &&
          /no answer to execute_request within 0.05 s/.test(error.message),
      );
      await kernel.interrupt();
      assert.equal((await execute(kernel, [["stream", "stdout", "next"]])).text, "next");
    });

    it("ends with an abort signal, before and during", async () => {
      const kernel = await started();
      await assert.rejects(execute(kernel, [], { signal: AbortSignal.abort(new Error("early")) }), /early/);
      const controller = new AbortController();
      const request = execute(kernel, [["hang"]], { signal: controller.signal });
      controller.abort(new Error("late"));
      await assert.rejects(request, /late/);
      await kernel.interrupt();
    });

    it("passes on a question for input and brings the answer", async () => {
      const kernel = await started();
      let text = "";
      await kernel.request(
        "execute_request",
        { code: cell(["input"]), allow_stdin: true },
        {
          onInput: ({ header, content }) => {
            assert.equal(content["prompt"], "name? ");
            const answer = { value: "Ada" };
            kernel.send(kernel.session.message("input_reply", answer, { channel: "stdin", parent: header }));
          },
          onIopub: ({ content }) => {
            text += content["text"] ?? "";
          },
        },
      );
      assert.equal(text, "hello Ada");
    });

    it("reports an idle status that was lost instead of waiting for ever", async () => {
      const kernel = await started();
      await assert.rejects(
        execute(kernel, [["noIdle"]], { silenceMs: 100 }),
        /replied to execute_request, but the end of its outputs/,
      );
    });

    it("fails on a kernel that does not run", async () => {
      const kernel = newKernel();
      await assert.rejects(execute(kernel, []), /the kernel "fake" is not running/);
    });

    it("measures the heartbeat, and its absence", async () => {
      const kernel = await started();
      assert.equal(typeof (await kernel.ping(5_000)), "number");
      const busy = execute(kernel, [["busyLoop"]]);
      busy.catch(() => undefined);
      await new Promise<void>((resolve) => {
        kernel.on("status", (status) => status === "busy" && resolve());
      });
      assert.equal(await kernel.ping(100), undefined);
    });
  });

  describe("interrupt", () => {
    for (const interrupt of ["message", "signal"] as const) {
      it(`by ${interrupt} ends the running cell, and the kernel lives`, async function () {
        if (interrupt === "signal" && process.platform === "win32") this.skip();
        const kernel = await started({ interrupt });
        const hanging = execute(kernel, [["hang"]]);
        await new Promise<void>((resolve) => {
          kernel.on("status", (status) => status === "busy" && resolve());
        });
        await kernel.interrupt();
        assert.equal((await hanging).reply.content["ename"], "Interrupt");
        assert.equal((await execute(kernel, [["stream", "stdout", "on"]])).text, "on");
      });
    }
  });

  describe("death", () => {
    const deaths: [string, Step[], RegExp][] = [
      [
        "exit",
        [
          ["log", "last words\n"],
          ["exit", 3],
        ],
        /^the kernel "fake" died: exit code 3\n.*\nlast words$/,
      ],
      ["signal", [["kill", "SIGKILL"]], /^the kernel "fake" was killed by SIGKILL$/],
      [
        "exhausted heap",
        [
          [
            "log",
            "\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n 1: 0xb78d\n",
          ],
          ["kill", "SIGABRT"],
        ],
        /ran out of memory \(JavaScript heap exhausted; .*\n.*\nFATAL ERROR: .*out of memory$/,
      ],
    ];
    for (const [what, steps, message] of deaths) {
      it(`by ${what} rejects what waits and is an event`, async () => {
        const kernel = await started();
        const died = new Promise<KernelDiedError>((resolve) => kernel.once("died", resolve));
        const waiting = [execute(kernel, steps), execute(kernel, [])];
        for (const request of waiting) {
          await assert.rejects(
            request,
            (error) => error instanceof KernelDiedError && message.test(error.message),
          );
        }
        assert.match((await died).message, message);
        assert.equal(kernel.status, "dead");
        assert.equal(kernel.pid, undefined);
      });
    }

    it("does not lose what the kernel had printed before", async () => {
      const kernel = await started();
      let text = "";
      const code = cell(...Array.from({ length: 500 }, (): Step => ["stream", "stdout", "x"]), ["exit", 1]);
      await assert.rejects(
        kernel.request(
          "execute_request",
          { code },
          {
            onIopub: ({ content }) => {
              text += content["text"] ?? "";
            },
          },
        ),
      );
      assert.equal(text.length, 500);
    });

    it("can be followed by a start or a restart", async () => {
      const kernel = await started();
      await assert.rejects(execute(kernel, [["exit", 0]]), /exit code 0/);
      await kernel.start();
      await assert.rejects(execute(kernel, [["exit", 0]]), /exit code 0/);
      await kernel.restart();
      assert.equal((await execute(kernel, [["stream", "stdout", "back"]])).text, "back");
    });
  });

  describe("restart and shutdown", () => {
    it("restarts with a new process, the same id and listeners, and tells the states", async () => {
      const kernel = await started();
      const { id, pid } = kernel;
      await execute(kernel, []);
      const states: string[] = [];
      let died = 0;
      kernel.on("status", (status) => states.push(status));
      kernel.on("died", () => died++);
      await kernel.restart();
      assert.equal(kernel.id, id);
      assert.notEqual(kernel.pid, pid);
      assert.equal(isAlive(pid!), false);
      assert.deepEqual(states.slice(0, 2), ["restarting", "starting"]);
      assert.equal(states.includes("dead"), false);
      assert.equal((await execute(kernel, [])).reply.content["execution_count"], 1);
      assert.equal(died, 0);
    });

    it("rejects what waits when it is restarted or shut down", async () => {
      const kernel = await started();
      const first = assert.rejects(execute(kernel, [["hang"]]), /was restarted before it answered/);
      await kernel.restart();
      await first;
      const second = assert.rejects(execute(kernel, [["hang"]]), /was shut down before it answered/);
      await kernel.shutdown();
      await second;
    });

    it("shuts down politely: the kernel ends with code 0, without `died`", async () => {
      const kernel = await started();
      const pid = kernel.pid!;
      let died = 0;
      kernel.on("died", () => died++);
      await kernel.shutdown();
      await kernel.shutdown();
      assert.equal(isAlive(pid), false);
      assert.equal(died, 0);
      assert.equal(kernel.status, "dead");
    });

    it("ends with the process that started it, connection file and all", async () => {
      const client = new URL("../../../src/jupyter/client/index.ts", import.meta.url).href;
      const script = `
        import { KernelProcess } from ${JSON.stringify(client)};
        const kernel = new KernelProcess(${JSON.stringify(fakeKernel())});
        await kernel.start();
        let file = "";
        const onIopub = ({ content }) => { file += content.text ?? ""; };
        await kernel.request("execute_request", { code: ${JSON.stringify(cell(["connectionFile"]))} }, { onIopub });
        process.stdout.write(kernel.pid + " " + file, () => process.exit(5));`;
      const loader = ["--conditions=unrolled-source", "--import", "tsx"];
      const args = [...loader, "--input-type=module", "-e", script];
      const { stdout, code } = await promisify(execFile)(process.execPath, args, { cwd: root }).then(
        () => assert.fail("it was to exit with code 5"),
        (error: { stdout: string; code: number }) => error,
      );
      assert.equal(code, 5);
      const [pid, file] = [Number.parseInt(stdout, 10), stdout.replace(/^\d+ /, "")];
      assert.match(file, /connection\.json$/);
      assert.equal(existsSync(path.dirname(file)), false);
      await waitUntil(() => !isAlive(pid));
    });

    it("ends a kernel that hears neither the request nor SIGTERM", async () => {
      const kernel = await started();
      const pid = kernel.pid!;
      const hanging = execute(kernel, [["hang", true]]);
      hanging.catch(() => undefined);
      await new Promise<void>((resolve) => {
        kernel.on("status", (status) => status === "busy" && resolve());
      });
      await kernel.shutdown();
      assert.equal(isAlive(pid), false);
    });
  });
});
