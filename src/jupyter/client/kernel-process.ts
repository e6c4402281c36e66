import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { ArgumentError, UnrolledError } from "../../errors.ts";
import type { KernelSpec } from "../kernelspec/spec.ts";
import * as check from "./check.ts";
import { newKey } from "./connection.ts";
import { KernelDiedError, type KernelExit } from "./errors.ts";
import { handshake, portTaken } from "./handshake.ts";
import { KernelLife } from "./life.ts";
import { type Channel, type JsonObject, type JupyterMessage, MessageError, Session } from "./message.ts";
import { type RequestOptions, Requests } from "./requests.ts";

/** `starting` before the first answer, then as the kernel says; `dead` when no process runs. */
export type KernelStatus = "starting" | "idle" | "busy" | "restarting" | "dead";

export interface KernelEvents {
  /** Every message of the kernel, also those that answer a `request`. */
  message: [JupyterMessage];
  status: [KernelStatus];
  /** The kernel ended and nobody had asked it to. */
  died: [KernelDiedError];
  /** What the process itself wrote, and messages of it that had to be dropped. */
  log: [stream: "stdout" | "stderr", text: string];
}

export interface KernelOptions {
  spec: KernelSpec;
  /** The kernelspec's name, for messages. */
  name: string;
  /** Replaces `{resource_dir}` in the kernelspec's argv. */
  resourceDir?: string;
  cwd?: string;
  /** Added to this process's environment and the kernelspec's. */
  env?: Record<string, string | undefined>;
  /** Milliseconds from the start of the process to its first answer. Default 60,000. */
  startTimeoutMs?: number;
}

const INTERRUPT_REPLY_MS = 5_000;
/** Outputs that a dying kernel had sent are still on their way: the death waits for a silence of this length. */
const SILENCE_MS = 40;
const SILENCE_LIMIT_MS = 2_000;
const START_ATTEMPTS = 3;
const SENDING: readonly Exclude<Channel, "iopub">[] = ["shell", "control", "stdin"];

/**
 * One Jupyter kernel: its process, its five channels and the requests that wait for it.
 *
 * @example
 * const kernel = new KernelProcess({ name: "unrolled", spec });
 * await kernel.start();
 * const reply = await kernel.request("execute_request", { code: "1 + 1" }, { onIopub: console.log });
 * await kernel.shutdown();
 */
export class KernelProcess extends EventEmitter<KernelEvents> {
  readonly id: string = randomUUID();
  readonly name: string;
  readonly spec: KernelSpec;
  readonly session: Session;
  lastActivity: Date = new Date();
  /** The content of kernel_info_reply. */
  info: JsonObject | undefined;
  readonly #key = newKey();
  readonly #options: KernelOptions;
  readonly #requests = new Requests();
  #status: KernelStatus = "starting";
  #life: KernelLife | undefined;

  /** @throws {ArgumentError} for options that are none, naming them. */
  constructor(options: KernelOptions) {
    super();
    check.kernelOptions(options);
    // Every open view of a notebook listens.
    this.setMaxListeners(0);
    this.#options = options;
    this.name = options.name;
    this.spec = options.spec;
    this.session = new Session({ key: this.#key });
  }

  get status(): KernelStatus {
    return this.#status;
  }

  get pid(): number | undefined {
    return this.#life?.child.pid;
  }

  /** The end of what the process itself wrote (of the current life). */
  get log(): string {
    return this.#life?.child.log ?? "";
  }

  /**
   * Starts the process and waits until it answers on shell and is heard on iopub.
   * @throws {KernelDiedError} when it ends before. @throws {KernelTimeoutError} when it does not answer in time.
   */
  async start(signal?: AbortSignal): Promise<void> {
    if (this.#life)
      throw new ArgumentError(`the kernel "${this.name}" is running already; use restart() for a fresh one`);
    for (let attempt = 1; ; attempt++) {
      const life = await this.#begin();
      try {
        this.info = await handshake(this, life, this.#options.startTimeoutMs ?? 60_000, signal);
        life.greeted = true;
        return;
      } catch (error) {
        const again = portTaken(life.child.log) && attempt < START_ATTEMPTS && !signal?.aborted;
        await life.end();
        if (!again) throw error;
      }
    }
  }

  /**
   * Queues a message, with its header as it is: also for messages of another session that are only relayed.
   * @throws {ArgumentError} when the kernel is not running. A death after that is reported by `died`.
   */
  send(message: JupyterMessage<object>): void {
    this.#transmit(message.channel, this.session.serialize(message));
  }

  /** Like `send`, from encoded parts: header, parent header, metadata, content, buffers. */
  relay(channel: Channel, parts: readonly Uint8Array[]): void {
    this.#transmit(channel, this.session.frame(parts));
  }

  /**
   * Sends a request and waits for its reply and for the end of its outputs (status idle).
   * @returns the reply, whatever its status says.
   * @throws {KernelDiedError} at once when the kernel dies. @throws {KernelTimeoutError} after `timeoutMs`.
   * @throws {ArgumentError} for a request that no kernel could answer, and when the kernel is not running.
   */
  async request(type: string, content: object, options: RequestOptions = {}): Promise<JupyterMessage> {
    check.request(type, content, options);
    const message = this.session.message(type, content, options);
    const reply = this.#requests.add(message, options);
    try {
      this.send(message);
    } catch (error) {
      this.#requests.reject(message.header.msg_id, error as Error);
    }
    return reply;
  }

  /** Stops the running cell, by a message or by SIGINT as the kernelspec says. */
  async interrupt(): Promise<void> {
    const life = this.#running("interrupted");
    if (this.spec.interrupt_mode === "message") {
      await this.request(
        "interrupt_request",
        {},
        { channel: "control", until: "reply", timeoutMs: INTERRUPT_REPLY_MS },
      );
    } else if (process.platform === "win32") {
      throw new ArgumentError(
        `the kernel "${this.name}" can be interrupted by signals only, which Windows lacks: restart it`,
      );
    } else {
      life.child.kill("SIGINT");
    }
  }

  /** The heartbeat's round trip in milliseconds; undefined when none came back (the kernel may be just busy). */
  async ping(timeoutMs = 1_000): Promise<number | undefined> {
    check.milliseconds(timeoutMs, "ping: the time limit");
    return this.#life?.channels.ping(timeoutMs);
  }

  /** Ends the process and starts a new one; the id and the listeners stay. Works on a dead kernel too. */
  async restart(signal?: AbortSignal): Promise<void> {
    this.#setStatus("restarting");
    if (this.#life) await this.#end(this.#life, true);
    await this.start(signal);
  }

  /** Ends the process: asks, then SIGTERM, then SIGKILL. Never throws, and may be called again. */
  async shutdown(): Promise<void> {
    if (this.#life) await this.#end(this.#life, false);
    this.#setStatus("dead");
  }

  async #begin(): Promise<KernelLife> {
    this.#setStatus("starting");
    try {
      return (this.#life = await KernelLife.begin({
        ...this.#options,
        key: this.#key,
        routingId: this.session.id,
        onFrames: (channel, frames) => this.#receive(channel, frames),
        onLog: (stream, text) => this.emit("log", stream, text),
        onExit: (life, exit) => this.#ended(life, exit),
      }));
    } catch (error) {
      this.#setStatus("dead");
      throw error;
    }
  }

  #receive(channel: Channel, frames: Uint8Array[]): void {
    let message: JupyterMessage;
    try {
      message = this.session.parse(channel, frames);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      this.emit("log", "stderr", `dropped a message: ${error.message}\n`);
      return;
    }
    this.lastActivity = new Date();
    const state = message.header.msg_type === "status" ? message.content["execution_state"] : undefined;
    if ((state === "idle" || state === "busy") && !this.#life?.ending) this.#setStatus(state);
    this.#requests.accept(message);
    this.emit("message", message);
  }

  #transmit(channel: Channel, frames: Uint8Array[]): void {
    if (!SENDING.includes(channel as (typeof SENDING)[number])) {
      throw new ArgumentError(`a client cannot send on "${channel}"; use ${SENDING.join(", ")}`);
    }
    // It fails only when the sockets are closed, and whoever closes them reports why.
    this.#running("sent a message")
      .channels.send(channel as (typeof SENDING)[number], frames)
      .catch(() => undefined);
  }

  #running(verb: string): KernelLife {
    if (this.#life) return this.#life;
    throw new ArgumentError(
      `the kernel "${this.name}" is not running and cannot be ${verb}; call start() first`,
    );
  }

  async #end(life: KernelLife, restart: boolean): Promise<void> {
    const what = restart ? "restarted" : "shut down";
    this.#requests.rejectAll(new UnrolledError(`the kernel "${this.name}" was ${what} before it answered`));
    const request = this.session.message("shutdown_request", { restart }, { channel: "control" });
    await life.end(life.greeted ? () => this.send(request) : undefined);
  }

  async #ended(life: KernelLife, exit: KernelExit): Promise<void> {
    if (!life.ending) {
      const limit = performance.now() + SILENCE_LIMIT_MS;
      do await delay(SILENCE_MS);
      while (Date.now() - this.lastActivity.getTime() < SILENCE_MS && performance.now() < limit);
    }
    this.#life = undefined;
    if (this.#status !== "restarting") this.#setStatus("dead");
    if (life.ending) return;
    const error = new KernelDiedError(this.name, exit);
    this.#requests.rejectAll(error);
    if (life.greeted) this.emit("died", error);
  }

  #setStatus(status: KernelStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.emit("status", status);
  }
}
