/**
 * A kernel for tests that does what the code tells it: a JSON list of actions, carried out in order.
 * Usage: node --import tsx fake-kernel.ts CONNECTION_FILE [STATE_FILE]
 * STATE_FILE holds a JSON list of what to do at the next starts: "die" or "live"; the first entry is used up.
 */
import { readFileSync, writeFileSync } from "node:fs";
import * as zmq from "zeromq";
import { type Channel, type JupyterMessage, Session } from "../../../src/jupyter/client/message.ts";

/** `times` repeats an action; `#` in a text becomes the number of the repetition. */
export type Action =
  | { do: "print"; text: string; name?: "stdout" | "stderr"; times?: number }
  | { do: "display"; data: Record<string, unknown>; id?: string; times?: number; buffers?: number[][] }
  | { do: "update"; id: string; data: Record<string, unknown>; times?: number }
  | { do: "ask"; prompt: string }
  | { do: "wait"; milliseconds: number }
  | { do: "hang" }
  | { do: "exit"; code: number }
  | { do: "kill" };

/** Like a real kernel, it lives on after code that it does not understand. */
function actionsIn(code: string): Action[] | undefined {
  try {
    const actions = JSON.parse(code);
    return Array.isArray(actions) ? actions : undefined;
  } catch {
    return undefined;
  }
}

const [connectionFile, stateFile] = process.argv.slice(2);

async function main(): Promise<void> {
  if (stateFile) {
    const [now, ...later] = JSON.parse(readFileSync(stateFile, "utf8")) as string[];
    writeFileSync(stateFile, JSON.stringify(later));
    if (now === "die") process.kill(process.pid, "SIGKILL");
  }
  const info = JSON.parse(readFileSync(connectionFile, "utf8"));
  const session = new Session({ key: info.key });
  const at = (port: number): string => `tcp://127.0.0.1:${port}`;
  const routers = {
    shell: new zmq.Router(),
    control: new zmq.Router(),
    stdin: new zmq.Router({ sendHighWaterMark: 0 }),
  };
  const iopub = new zmq.Publisher({ sendHighWaterMark: 0 });
  const heartbeat = new zmq.Router();
  await Promise.all([
    routers.shell.bind(at(info.shell_port)),
    routers.control.bind(at(info.control_port)),
    routers.stdin.bind(at(info.stdin_port)),
    iopub.bind(at(info.iopub_port)),
    heartbeat.bind(at(info.hb_port)),
  ]);
  let count = 0;

  // Both channels publish, and a socket sends one message at a time: a second one meanwhile would be refused.
  let published: Promise<void> = Promise.resolve();
  const publish = (type: string, content: object, request: JupyterMessage, buffers: Uint8Array[] = []) => {
    const options = { channel: "iopub" as const, parent: request.header, buffers };
    const frames = session.serialize(session.message(type, content, options));
    published = published.then(() => iopub.send([type, ...frames]));
    return published;
  };

  const reply = (
    channel: "shell" | "control",
    prefix: Uint8Array[],
    request: JupyterMessage,
    content: object,
  ) => {
    const type = request.header.msg_type.replace(/_request$/, "_reply");
    const message = session.message(type, content, { channel, parent: request.header });
    return routers[channel].send([...prefix, ...session.serialize(message)]);
  };

  async function act(action: Action, request: JupyterMessage, prefix: Uint8Array[]): Promise<void> {
    const times = "times" in action ? (action.times ?? 1) : 1;
    for (let i = 0; i < times; i++) {
      const fill = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll("#", String(i)));
      switch (action.do) {
        case "print":
          await publish("stream", { name: action.name ?? "stdout", text: fill(action.text) }, request);
          break;
        case "display": {
          const transient = action.id === undefined ? {} : { display_id: action.id };
          const buffers = (action.buffers ?? []).map((bytes) => Uint8Array.from(bytes));
          await publish(
            "display_data",
            { data: fill(action.data), metadata: {}, transient },
            request,
            buffers,
          );
          break;
        }
        case "update":
          await publish(
            "update_display_data",
            { data: fill(action.data), metadata: {}, transient: { display_id: action.id } },
            request,
          );
          break;
        case "ask": {
          const content = { prompt: action.prompt, password: false };
          const question = session.message("input_request", content, {
            channel: "stdin",
            parent: request.header,
          });
          await routers.stdin.send([prefix[0], ...session.serialize(question)]);
          const answer = session.parse("stdin", await routers.stdin.receive());
          await publish("stream", { name: "stdout", text: `answer: ${answer.content["value"]}` }, request);
          break;
        }
        case "wait":
          await new Promise((resolve) => setTimeout(resolve, action.milliseconds));
          break;
        case "hang":
          await new Promise(() => undefined);
          break;
        case "exit":
          process.exit(action.code);
          break;
        case "kill":
          process.kill(process.pid, "SIGKILL");
      }
    }
  }

  async function serve(channel: "shell" | "control"): Promise<void> {
    for await (const frames of routers[channel]) {
      const cut = frames.findIndex((frame) => String(frame) === "<IDS|MSG>");
      const prefix = frames.slice(0, cut);
      const request = session.parse(channel as Channel, frames);
      await publish("status", { execution_state: "busy" }, request);
      switch (request.header.msg_type) {
        case "kernel_info_request":
          await reply(channel, prefix, request, {
            status: "ok",
            protocol_version: "5.3",
            implementation: "fake",
            language_info: { name: "json" },
          });
          break;
        case "execute_request": {
          const code = String(request.content["code"]);
          await publish("execute_input", { code, execution_count: ++count }, request);
          const actions = actionsIn(code);
          for (const action of actions ?? []) await act(action, request, prefix);
          await reply(channel, prefix, request, {
            ...(actions
              ? { status: "ok", payload: [], user_expressions: {} }
              : {
                  status: "error",
                  ename: "SyntaxError",
                  evalue: `no list of actions: ${code}`,
                  traceback: [],
                }),
            execution_count: count,
          });
          break;
        }
        case "shutdown_request":
          await reply(channel, prefix, request, { status: "ok", restart: request.content["restart"] });
          process.exit(0);
      }
      await publish("status", { execution_state: "idle" }, request);
    }
  }
  void serve("control");
  void serve("shell");
  for await (const frames of heartbeat) await heartbeat.send(frames);
}

if (connectionFile) void main();
