/**
 * The kernel's wire thread. It owns the sockets, so that the heartbeat is answered, output flows and the control
 * channel is heard while the main thread runs a cell. Shell requests go to the main thread in order of arrival.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type MessagePort, parentPort, Worker, workerData } from "node:worker_threads";
import { UnrolledError } from "../../../errors.ts";
import { Escalation } from "./escalation.ts";
import { Outbox } from "./outbox.ts";
import { SharedState } from "./shared-state.ts";
import { type Channel, Sockets } from "./sockets.ts";
import type { Address, Incoming, Outgoing, Sendable, WireThreadOptions } from "./thread-messages.ts";
import type { Header, Json, Message } from "./wire.ts";

/** Printed text beyond this rate waits: a browser keeps up with it, and 100 MB take half a minute. */
const CHARACTERS_PER_SECOND = 4e6;
/** How long the main thread may take to end by itself: in a cell, which may never end, and while it still starts. */
const SHUTDOWN_MS = { running: 1000, idle: 4000 };
const PARENT_POLL_MS = 1000;

class WireThread {
  readonly #sockets: Sockets;
  readonly #port: MessagePort;
  readonly #state: SharedState;
  readonly #kernelInfo: Json;
  readonly #outbox: Outbox;
  readonly #escalation: Escalation;
  /** Counts the requests of the shell channel. */
  #sequence = 0;

  constructor(sockets: Sockets, { port, memory, kernelInfo }: WireThreadOptions) {
    this.#sockets = sockets;
    this.#port = port;
    this.#state = new SharedState(memory);
    this.#kernelInfo = kernelInfo;
    this.#escalation = new Escalation({
      state: this.#state,
      ping: () => port.postMessage({ kind: "ping" } satisfies Incoming),
      signal: process.platform === "win32" ? undefined : () => process.kill(process.pid, "SIGINT"),
      giveUp: (cell) => port.postMessage({ kind: "giveUp", cell } satisfies Incoming),
    });
    this.#outbox = new Outbox({
      charactersPerSecond: CHARACTERS_PER_SECOND,
      send: (message) => sockets.send(message),
      sent: (characters) => this.#state.add("backlog", -characters),
    });
  }

  start(): void {
    this.#port.on("message", (message: Outgoing) => {
      if (message.kind === "close") this.#close();
      else this.#outbox.push(message);
    });
    this.#outbox.push(status("starting", null));
    this.#watchSignals();
    this.#sockets.listen("shell", (message) => this.#onShell(message));
    this.#sockets.listen("control", (message) => this.#onControl(message));
    this.#sockets.listen("stdin", (message) => this.#forward("stdin", message, 0));
  }

  #onShell(message: Message): void {
    const sequence = ++this.#sequence;
    // The first question of every front end, while the main thread still loads the compiler.
    if (message.header.msg_type === "kernel_info_request" && this.#state.get("warm") === 0) {
      this.#answer(addressOf("shell", message), "kernel_info_reply", this.#kernelInfo);
    } else {
      this.#forward("shell", message, sequence);
    }
  }

  #onControl(message: Message): void {
    const to = addressOf("control", message);
    const type = message.header.msg_type;
    switch (type) {
      case "interrupt_request":
        this.#abortWaiting();
        this.#escalation.interrupt();
        this.#answer(to, "interrupt_reply", { status: "ok" });
        break;
      case "kernel_info_request":
        this.#answer(to, "kernel_info_reply", this.#kernelInfo);
        break;
      case "debug_request":
        this.#answer(to, "debug_reply", refuseDebug(message.content));
        break;
      case "shutdown_request":
        this.#shutDown(to, message.content["restart"] === true);
        break;
      default: {
        const evalue = `${type} is not supported on the control channel`;
        const content = { status: "error", ename: "NotSupported", evalue, traceback: [] };
        this.#answer(to, type.replace(/_request$/, "_reply"), content);
      }
    }
  }

  #abortWaiting(): void {
    this.#state.set("abortThrough", this.#sequence);
  }

  #answer(to: Address, type: string, content: Json): void {
    this.#outbox.push(status("busy", to.header));
    this.#outbox.push({ kind: "reply", to, type, content });
    this.#outbox.push(status("idle", to.header));
    // Front ends take the last status they saw as the kernel's: a running cell must not look finished.
    if (this.#state.get("running") !== 0) this.#outbox.push(status("busy", to.header));
  }

  #watchSignals(): void {
    const file = `./signal-thread${path.extname(fileURLToPath(import.meta.url))}`;
    const { memory } = this.#state;
    const thread = new Worker(new URL(file, import.meta.url), {
      workerData: memory,
      resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
    });
    thread.unref();
    thread.on("message", () => {
      this.#abortWaiting();
      this.#escalation.signalMissed();
    });
  }

  #forward(channel: "shell" | "stdin", { identities, header, content }: Message, sequence: number): void {
    const own = identities.map((identity) => new Uint8Array(identity));
    const request = { channel, sequence, identities: own, header, content };
    this.#port.postMessage({ kind: "request", request } satisfies Incoming);
  }

  /** Asks the main thread to leave; one that is stuck in a cell is ended with the process. */
  #shutDown(to: Address, restart: boolean): void {
    const content = { status: "ok", restart };
    this.#answer(to, "shutdown_reply", content);
    this.#outbox.push({ kind: "publish", type: "shutdown_reply", parent: to.header, content });
    this.#port.postMessage({ kind: "shutdown" } satisfies Incoming);
    const patience = this.#state.get("running") === 0 ? SHUTDOWN_MS.idle : SHUTDOWN_MS.running;
    setTimeout(() => process.kill(process.pid, "SIGKILL"), patience).unref();
  }

  async #close(): Promise<void> {
    await this.#outbox.flush();
    await this.#sockets.close();
    this.#port.close();
    this.#state.set("closed", 1);
  }
}

function addressOf(channel: Channel, { identities, header }: Message): Address {
  return { channel, identities, header };
}

function status(execution_state: string, parent: Header | null): Sendable {
  return { kind: "publish", type: "status", parent, content: { execution_state } };
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

/** A kernel whose front end was killed is of no use to anybody. Front ends that want this set the variable. */
function watchParent(): void {
  if (!process.env["JPY_PARENT_PID"]) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, "SIGTERM");
  }, PARENT_POLL_MS).unref();
}

async function main(): Promise<void> {
  const options = workerData as WireThreadOptions;
  const sockets = await Sockets.open(options.connection);
  new WireThread(sockets, options).start();
  watchParent();
}

main().catch((error: unknown) => {
  // What is meant for the user goes as text, because errors lose their class on the way between threads.
  if (!(error instanceof UnrolledError)) throw error;
  parentPort?.postMessage(error.message);
});
