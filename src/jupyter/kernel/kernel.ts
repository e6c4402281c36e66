/** Answers the requests of the shell channel, one after the other. */
import { writeSync } from "node:fs";
import type { MessagePort } from "node:worker_threads";
import type { Completer } from "./assist/completer.ts";
import { History } from "./assist/history.ts";
import { isComplete } from "./assist/is-complete.ts";
import type { Cell } from "./run/cell.ts";
import type { Input } from "./run/input.ts";
import type { Session } from "./run/session.ts";
import type { Streams } from "./run/streams.ts";
import type { SharedState } from "./wire/shared-state.ts";
import type { Incoming, Outgoing, Request } from "./wire/thread-messages.ts";
import type { Header, Json } from "./wire/wire.ts";

/** How long after an error requests that were sent before its report are still collected, to be aborted. */
const ABORT_WINDOW_MS = 15;

export class Kernel {
  readonly #port: MessagePort;
  readonly #session: Session;
  readonly #state: SharedState;
  readonly #streams: Streams;
  readonly #completer: Completer;
  readonly #kernelInfo: Json;
  readonly #input: Input;
  readonly #history = new History();
  readonly #queue: Request[] = [];
  #busy = false;
  #executionCount = 0;
  #cellId = 0;
  #abortThrough = 0;

  constructor(parts: {
    port: MessagePort;
    session: Session;
    state: SharedState;
    streams: Streams;
    completer: Completer;
    kernelInfo: Json;
    input: Input;
  }) {
    this.#port = parts.port;
    this.#session = parts.session;
    this.#state = parts.state;
    this.#streams = parts.streams;
    this.#completer = parts.completer;
    this.#kernelInfo = parts.kernelInfo;
    this.#input = parts.input;
  }

  start(): void {
    this.#port.on("message", (message: Incoming) => {
      if (message.kind === "shutdown") process.exit(0);
      else if (message.kind === "ping") this.#state.add("pongs", 1);
      else if (message.kind === "giveUp") this.#session.giveUp(message.cell);
      else if (message.request.channel === "stdin") this.#input.answer(message.request);
      else {
        this.#queue.push(message.request);
        this.#work();
      }
    });
  }

  /** Whether nobody waits for an answer. */
  get idle(): boolean {
    return !this.#busy;
  }

  publish(type: string, parent: Header, content: Json, metadata?: Json): void {
    this.#post({ kind: "publish", type, parent, content, metadata });
  }

  #post(message: Outgoing): void {
    this.#port.postMessage(message);
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let request = this.#queue.shift(); request; request = this.#queue.shift()) {
      this.publish("status", request.header, { execution_state: "busy" });
      try {
        const content = await this.#answer(request);
        if (content) this.#reply(request, content);
      } catch (error) {
        // A bug in the kernel; the front end gets an answer all the same.
        writeSync(2, `unrolled kernel: ${request.header.msg_type}: ${(error as Error)?.stack ?? error}\n`);
        this.#reply(request, { status: "error", ename: "KernelError", evalue: String(error), traceback: [] });
      }
      this.publish("status", request.header, { execution_state: "idle" });
    }
    this.#busy = false;
  }

  #reply(request: Request, content: Json): void {
    const type = request.header.msg_type.replace(/_request$/, "_reply");
    const { channel, identities, header } = request;
    this.#post({ kind: "reply", to: { channel, identities, header }, type, content });
  }

  /** The content of the reply; undefined for messages that have none. */
  async #answer(request: Request): Promise<Json | undefined> {
    const { content } = request;
    switch (request.header.msg_type) {
      case "kernel_info_request":
        return this.#kernelInfo;
      case "execute_request":
        return this.#execute(request);
      case "complete_request":
        return this.#completer.complete(String(content["code"] ?? ""), Number(content["cursor_pos"] ?? 0));
      case "inspect_request":
        return this.#completer.inspect(String(content["code"] ?? ""), Number(content["cursor_pos"] ?? 0));
      case "is_complete_request":
        return isComplete(this.#session.tslab.ts, String(content["code"] ?? ""));
      case "history_request":
        return { status: "ok", history: this.#history.answer(content) };
      case "comm_info_request":
        return { status: "ok", comms: {} };
      case "comm_open":
        // Nobody listens to this target: say so, or the front end waits for a widget for ever.
        this.publish("comm_close", request.header, { comm_id: content["comm_id"], data: {} });
        return undefined;
      case "shutdown_request":
        // Old front ends send it here; the reply leaves before the process does.
        setImmediate(() => process.exit(0));
        return { status: "ok", restart: content["restart"] === true };
      default:
        if (!request.header.msg_type.endsWith("_request")) return undefined;
        return {
          status: "error",
          ename: "NotSupported",
          evalue: `${request.header.msg_type} is not supported by this kernel`,
          traceback: [],
        };
    }
  }

  async #execute(request: Request): Promise<Json> {
    if (request.sequence <= Math.max(this.#abortThrough, this.#state.get("abortThrough")))
      return { status: "aborted" };
    const { content } = request;
    const silent = content["silent"] === true;
    const store = !silent && content["store_history"] !== false;
    const source = String(content["code"] ?? "");
    const cell: Cell = {
      id: ++this.#cellId,
      count: this.#executionCount + 1,
      source,
      header: request.header,
      identities: request.identities,
      silent,
      allowStdin: content["allow_stdin"] === true,
      stopped: false,
      refusals: 0,
      noticed: false,
      ended: false,
      pending: undefined,
    };
    if (store) this.#executionCount++;
    if (!silent) this.publish("execute_input", request.header, { code: source, execution_count: cell.count });
    this.#streams.last = cell;
    const outcome = await this.#session.run(cell);
    cell.ended = true;
    this.#input.reset();
    if (outcome.status === "error") {
      if (content["stop_on_error"] !== false) await this.#abortWaiting();
      const { report } = outcome;
      if (!silent) this.publish("error", request.header, { ...report });
      if (store) this.#history.add(cell.count, source, undefined);
      return { status: "error", execution_count: cell.count, ...report, user_expressions: {}, payload: [] };
    }
    const data = outcome.bundle;
    if (!silent && data && Object.keys(data).length > 0) {
      this.publish("execute_result", request.header, { execution_count: cell.count, data, metadata: {} });
    }
    if (store) this.#history.add(cell.count, source, data?.["text/plain"]);
    const user_expressions = await this.#userExpressions(cell, content["user_expressions"]);
    return { status: "ok", execution_count: cell.count, user_expressions, payload: [] };
  }

  /**
   * What a front end sent along with a failed cell ("run all") is not to run. Requests that it sent before it could
   * know of the error are given a moment to arrive; whatever it sends after the report runs.
   */
  async #abortWaiting(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ABORT_WINDOW_MS));
    this.#abortThrough = Math.max(this.#abortThrough, ...this.#queue.map((request) => request.sequence));
  }

  async #userExpressions(cell: Cell, expressions: unknown): Promise<Json> {
    const results: Json = {};
    for (const [name, source] of Object.entries((expressions ?? {}) as Json)) {
      const inner: Cell = {
        ...cell,
        id: ++this.#cellId,
        source: String(source),
        silent: true,
        pending: undefined,
      };
      const outcome = await this.#session.run(inner);
      results[name] =
        outcome.status === "ok"
          ? { status: "ok", data: outcome.bundle ?? {}, metadata: {} }
          : { status: "error", ...outcome.report };
    }
    return results;
  }
}
