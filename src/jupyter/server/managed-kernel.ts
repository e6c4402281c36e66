import { randomUUID } from "node:crypto";
import { UnrolledError } from "../../errors.ts";
import { KernelDiedError, type KernelProcess } from "../client/index.ts";
import type { JupyterMessage, MessageHeader } from "../client/message.ts";
import { KernelTabs, type TabConnection } from "./kernel-tabs.ts";
import type { OutputLimit } from "./output-limit.ts";

/** A kernel as the REST API describes it. */
export interface KernelModel {
  id: string;
  name: string;
  last_activity: string;
  execution_state: string;
  connections: number;
  /** Why it is dead. */
  reason?: string;
}

/** A kernel that dies so often without having finished a single cell in between is given up. */
const mostDeaths = 5;

/**
 * A kernel and the tabs that use it: passes messages to and fro, starts the kernel again when it dies, and then
 * tells the running cell what happened and that its variables are gone.
 */
export class ManagedKernel {
  readonly process: KernelProcess;
  readonly #tabs: KernelTabs = new KernelTabs();
  readonly #limit: OutputLimit;
  /** Requests to run code that have no reply yet. A kernel takes one after another: the first is the one it runs. */
  readonly #pending: Map<string, MessageHeader> = new Map();
  /** What tabs sent while no kernel was there to take it. */
  #waiting: JupyterMessage[] = [];
  #up = false;
  #ended = false;
  #state = "starting";
  #reason: string | undefined;
  #deaths = 0;
  #lastActivity = new Date();
  /** The session in the headers of the kernel's messages. JupyterLab discards others that are still on their way. */
  #kernelSession: string = randomUUID();
  #last: Promise<unknown> = Promise.resolve();

  constructor(process: KernelProcess, limit: OutputLimit) {
    this.process = process;
    this.#limit = limit;
    process.on("message", (message) => this.#fromKernel(message));
    process.on("died", (error) => this.#died(error));
  }

  get id(): string {
    return this.process.id;
  }

  get lastActivity(): Date {
    return this.#lastActivity;
  }

  /** Given up: only a restart at the user's wish brings it back. */
  get dead(): boolean {
    return this.#state === "dead";
  }

  model(): KernelModel {
    return {
      id: this.id,
      name: this.process.name,
      last_activity: this.#lastActivity.toISOString(),
      execution_state: this.#state,
      connections: this.#tabs.connected,
      ...(this.#reason !== undefined && { reason: this.#reason }),
    };
  }

  /** @throws {KernelDiedError} or {KernelTimeoutError} if it does not come up, at the second attempt either. */
  start(): Promise<void> {
    return this.#inTurn(() => this.#bringUp(() => this.process.start()));
  }

  /**
   * At the user's wish. Sends no `restarting`: JupyterLab takes that for a death and says so.
   * What other tabs had asked for is answered, or their cells would show [*] for ever.
   */
  restart(): Promise<void> {
    return this.#inTurn(async () => {
      this.#up = false;
      this.#deaths = 0;
      this.#state = "restarting";
      this.#abortPending();
      await this.#bringUp(() => this.process.restart());
    });
  }

  interrupt(): Promise<void> {
    return this.process.interrupt();
  }

  async shutdown(): Promise<void> {
    this.#ended = true;
    this.#up = false;
    this.#state = "dead";
    // Not in turn: a start that hangs must not keep the server from ending.
    await this.process.shutdown();
    this.#abortPending();
    this.#publishState("dead");
    this.#tabs.closeAll();
    await this.#limit.close();
  }

  connect(session: string, connection: TabConnection): void {
    this.#tabs.connect(session, connection);
  }

  disconnect(session: string, connection: TabConnection): void {
    this.#tabs.disconnect(session, connection);
  }

  /** A message from a tab. */
  fromTab(session: string, message: JupyterMessage): void {
    // Nobody but the kernel speaks on iopub.
    if (message.channel === "iopub") return;
    this.#tabs.heardFrom(session, message);
    this.#lastActivity = new Date();
    if (message.header.msg_type === "execute_request") {
      this.#pending.set(message.header.msg_id, message.header);
    }
    if (this.#up) this.#toKernel(message);
    else if (this.#state !== "dead") this.#waiting.push(message);
  }

  #toKernel(message: JupyterMessage): void {
    try {
      if (message.parts) this.process.relay(message.channel, [...message.parts, ...message.buffers]);
      else this.process.send(message);
    } catch {
      // It has just died; `died` follows and answers what is pending.
    }
  }

  #fromKernel(message: JupyterMessage): void {
    this.#kernelSession = message.header.session;
    this.#lastActivity = new Date();
    const parent = message.parent_header.msg_id ?? "";
    if (message.channel === "iopub") {
      const state = message.header.msg_type === "status" ? message.content["execution_state"] : undefined;
      if (typeof state === "string") this.#state = state;
      for (const passed of this.#limit.pass(message)) this.#tabs.broadcast(passed);
      return;
    }
    if (message.header.msg_type === "execute_reply" && this.#pending.delete(parent)) this.#deaths = 0;
    this.#tabs.reply(message);
  }

  #died(error: KernelDiedError): void {
    if (!this.#up) return; // during a start: `#bringUp` sees it
    this.#up = false;
    this.#deaths++;
    const again = this.#deaths <= mostDeaths;
    const outlook = again
      ? "It is being started again, and its variables are gone: run the notebook's cells again from the first."
      : `That was the ${this.#deaths}th time in a row, so it is not started again. Choose Restart Kernel to try once more.`;
    this.#reportDeath(error, outlook);
    if (!again) {
      this.#giveUp(error);
      return;
    }
    this.#state = "restarting";
    this.#publishState("restarting");
    this.#inTurn(() => this.#bringUp(() => this.process.restart())).catch(() => undefined);
  }

  async #bringUp(begin: () => Promise<void>): Promise<void> {
    if (this.#ended) throw new UnrolledError(`the kernel "${this.process.name}" was shut down`);
    try {
      await begin();
    } catch (error) {
      if (this.#ended) throw error;
      // Once more: it may have been killed from outside. A program that is not there will not be there then.
      if (!(error instanceof KernelDiedError) || error.exit.reason !== undefined)
        throw this.#giveUp(error as Error);
      try {
        await this.process.restart();
      } catch (second) {
        throw this.#giveUp(second as Error);
      }
    }
    if (this.#ended) return;
    this.#up = true;
    this.#reason = undefined;
    if (this.#state === "starting" || this.#state === "restarting") this.#state = "idle";
    for (const message of this.#waiting.splice(0)) this.#toKernel(message);
  }

  #giveUp(error: Error): Error {
    this.#state = "dead";
    this.#reason = error.message;
    this.#waiting = [];
    this.#reportDeath(error, "Choose Restart Kernel to try again.");
    this.#publishState("dead");
    return error;
  }

  /** The cell that was running gets an error that stays in the notebook; those behind it were never begun. */
  #reportDeath(error: Error, outlook: string): void {
    const [running] = this.#pending.values();
    if (running) {
      this.#pending.delete(running.msg_id);
      const traceback = [`${error.message}\n${outlook}`];
      const content = { ename: "KernelDied", evalue: error.message, traceback };
      this.#tabs.broadcast(this.#message("iopub", "error", content, running));
      this.#tabs.reply(this.#message("shell", "execute_reply", { status: "error", ...content }, running));
      this.#tabs.broadcast(this.#message("iopub", "status", { execution_state: "idle" }, running));
    }
    this.#abortPending();
  }

  #abortPending(): void {
    const open = [...this.#pending.values()];
    this.#pending.clear();
    for (const header of open) {
      this.#tabs.reply(this.#message("shell", "execute_reply", { status: "aborted" }, header));
      this.#tabs.broadcast(this.#message("iopub", "status", { execution_state: "idle" }, header));
    }
  }

  #publishState(state: string): void {
    this.#tabs.broadcast(this.#message("iopub", "status", { execution_state: state }, {}));
  }

  #message(
    channel: "iopub" | "shell",
    type: string,
    content: Record<string, unknown>,
    parent: Partial<MessageHeader>,
  ): JupyterMessage {
    const message = this.process.session.message(type, content, { channel, parent });
    message.header.session = this.#kernelSession;
    return message;
  }

  /** Starts and restarts happen one after another. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
