/**
 * The kernel's wire thread. It owns the five sockets, so that the heartbeat is answered, output flows and the control
 * channel is heard while the main thread runs a cell. Shell requests go to the main thread in order of arrival.
 */
import { type MessagePort, workerData } from "node:worker_threads";
import type * as Zmq from "zeromq";
import { MissingPackageError } from "../../errors.ts";
import { Escalation } from "./escalation.ts";
import { Outbox } from "./outbox.ts";
import { SharedState } from "./shared-state.ts";
import type { Incoming, Outgoing, Request, WireThreadOptions } from "./thread-messages.ts";
import { address, decode, encode, type Json, type Message, newHeader, WireError } from "./wire.ts";

/** Text beyond this rate waits; a browser keeps up with it, and 100 MB take half a minute. */
const CHARACTERS_PER_SECOND = 4e6;
const SHUTDOWN_GRACE_MS = 1000;

const { connection, memory, kernelInfo, port } = workerData as WireThreadOptions & { port: MessagePort };
const state = new SharedState(memory);
const session = newHeader("", "").msg_id;

async function main(): Promise<void> {
  const zmq = await loadZmq();
  const shell = new zmq.Router();
  const control = new zmq.Router();
  const stdin = new zmq.Router();
  const heartbeat = new zmq.Reply();
  // Without a limit, because a publisher at its high-water mark drops messages without a word.
  const iopub = new zmq.Publisher({ sendHighWaterMark: 0 });
  const sockets = { shell, control, stdin, iopub };

  await Promise.all([
    shell.bind(address(connection, connection.shell_port)),
    control.bind(address(connection, connection.control_port)),
    stdin.bind(address(connection, connection.stdin_port)),
    iopub.bind(address(connection, connection.iopub_port)),
    heartbeat.bind(address(connection, connection.hb_port)),
  ]);

  const outbox = new Outbox({
    charactersPerSecond: CHARACTERS_PER_SECOND,
    send: (message) => sendOn(sockets, message),
    sent: (characters) => state.add("backlog", -characters),
  });
  const escalation = new Escalation(state);
  let sequence = 0;

  port.on("message", (message: Outgoing) => {
    if (message.kind === "flush") outbox.flush().then(() => state.add("flushed", 1));
    else outbox.push(message);
  });
  outbox.push(status("starting", null));

  listen(heartbeat, async (frames) => heartbeat.send(frames));
  listen(stdin, async (frames) => forward(toRequest("stdin", decode(frames, connection.key), 0)));
  listen(shell, async (frames) => {
    const request = toRequest("shell", decode(frames, connection.key), ++sequence);
    // The first question of every front end; the main thread is still loading the compiler then.
    if (request.header.msg_type === "kernel_info_request" && state.get("warm") === 0) {
      answer(request, "kernel_info_reply", kernelInfo);
    } else {
      forward(request);
    }
  });
  listen(control, async (frames) => {
    const message = decode(frames, connection.key);
    await onControl(message);
  });

  async function onControl(message: Message): Promise<void> {
    const request = { channel: "control" as const, identities: message.identities, header: message.header };
    switch (message.header.msg_type) {
      case "interrupt_request":
        state.set("abortThrough", sequence);
        escalation.interrupt();
        return answer(request, "interrupt_reply", { status: "ok" });
      case "kernel_info_request":
        return answer(request, "kernel_info_reply", kernelInfo);
      case "debug_request":
        return answer(request, "debug_reply", refuseDebug(message.content));
      case "shutdown_request": {
        const content = { status: "ok", restart: message.content["restart"] === true };
        answer(request, "shutdown_reply", content);
        outbox.push({ kind: "publish", type: "shutdown_reply", parent: message.header, content });
        await outbox.flush();
        return shutDown();
      }
      default:
        return answer(request, replyType(message.header.msg_type), {
          status: "error",
          ename: "NotSupported",
          evalue: `${message.header.msg_type} is not supported on the control channel`,
          traceback: [],
        });
    }
  }

  function answer(request: { channel: string; identities: Uint8Array[]; header: Message["header"] }, type: string, content: Json): void {
    const parent = request.header;
    outbox.push(status("busy", parent));
    outbox.push({ kind: "reply", request: request as Request, type, content });
    outbox.push(status("idle", parent));
    // Front ends take the last status they saw as the kernel's: a running cell must not look finished.
    if (state.get("running") !== 0) outbox.push(status("busy", parent));
  }
}

function forward(request: Request): void {
  port.postMessage({ kind: "request", request } satisfies Incoming);
}

function toRequest(channel: Request["channel"], message: Message, sequence: number): Request {
  const { identities, header, content } = message;
  return { channel, sequence, identities: identities.map((id) => new Uint8Array(id)), header, content };
}

function status(execution_state: string, parent: Message["header"] | null): Outgoing {
  return { kind: "publish", type: "status", parent, content: { execution_state } };
}

function replyType(requestType: string): string {
  return requestType.replace(/_request$/, "_reply");
}

/** As the Debug Adapter Protocol answers a command that failed: front ends then hide their debugger. */
function refuseDebug(request: Json): Json {
  return {
    type: "response",
    request_seq: request["seq"] ?? 0,
    success: false,
    command: request["command"] ?? "",
    message: "this kernel has no debugger",
    body: {},
  };
}

async function sendOn(sockets: Record<string, Zmq.Router | Zmq.Publisher>, message: Outgoing): Promise<void> {
  if (message.kind === "reply") {
    const { channel, identities, header } = message.request;
    const frames = encode(wrap(identities, message.type, header, message.content), connection.key);
    return sockets[channel].send(frames);
  }
  const type = message.kind === "stream" ? "stream" : message.type;
  const content = message.kind === "stream" ? { name: message.name, text: message.text } : message.content;
  const metadata = message.kind === "publish" ? message.metadata : undefined;
  // Subscribers of a publisher filter by the first frame, which is a topic here, not an identity.
  const topic = Buffer.from(`kernel.${type}`);
  return sockets["iopub"].send(encode(wrap([topic], type, message.parent, content, metadata), connection.key));
}

function wrap(identities: Uint8Array[], type: string, parent: Message["header"] | null, content: Json, metadata: Json = {}): Message {
  return { identities, header: newHeader(type, session, parent?.username), parent: parent ?? {}, metadata, content, buffers: [] };
}

/** Reads a socket for ever. A message that is not for us is reported and dropped; the kernel goes on. */
function listen(socket: Zmq.Router | Zmq.Reply, handle: (frames: Buffer[]) => Promise<void>): void {
  const read = async (): Promise<void> => {
    for await (const frames of socket) {
      try {
        await handle(frames as Buffer[]);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        process.stderr.write(`unrolled kernel: dropped a message: ${error.message}\n`);
      }
    }
  };
  read().catch((error) => {
    throw error;
  });
}

/** Asks the main thread to leave; a main thread that is stuck in a cell is ended with the process. */
function shutDown(): void {
  port.postMessage({ kind: "shutdown" } satisfies Incoming);
  setTimeout(() => process.kill(process.pid, "SIGKILL"), SHUTDOWN_GRACE_MS);
}

async function loadZmq(): Promise<typeof Zmq> {
  try {
    return (await import("zeromq")) as typeof Zmq;
  } catch (cause) {
    throw new MissingPackageError("zeromq", "The TypeScript kernel", "zeromq@6", { cause });
  }
}

main().catch((error) => {
  throw error;
});
