import { setTimeout as delay } from "node:timers/promises";
import {
  type JsonObject,
  type JupyterMessage,
  KernelDiedError,
  type KernelProcess,
} from "../client/index.ts";
import { CellError, type CellFailure, type CellPlace, describePlace, NotebookError } from "./errors.ts";
import { type Cell, joined, type Output, tagsOf } from "./notebook.ts";
import { type Displays, OutputCollector } from "./outputs.ts";

/** Node's timers hold 2^31 ms, 24 days. */
export const MAX_TIMEOUT_MS: number = 2 ** 31;
/** How long an interrupted cell may take to end, and thereby to say where it was. */
const INTERRUPT_MS = 5_000;
/** A notebook of more than this cannot be opened by anybody; and a cell that prints for ever must end. */
const OUTPUT_LIMIT = 50_000_000;
/** Stock tslab refuses requests for 200 ms after an error. */
const REFUSED_TRIES = 20;
const REFUSED_WAIT_MS = 50;

interface RunnerOptions {
  timeoutMs: number;
  allowErrors?: boolean;
  signal?: AbortSignal;
}

/** Runs single cells of one notebook in its kernel. */
export class CellRunner {
  readonly #kernel: KernelProcess;
  readonly #options: RunnerOptions;
  readonly #displays: Displays = new Map();
  /** By the request's message id: a timer of an earlier cell may still print while a later one runs. */
  readonly #listeners = new Map<string, (message: JupyterMessage) => void>();

  constructor(kernel: KernelProcess, options: RunnerOptions) {
    this.#kernel = kernel;
    this.#options = options;
    kernel.on("message", (message) => {
      if (message.channel === "iopub") this.#listeners.get(message.parent_header.msg_id ?? "")?.(message);
    });
  }

  /** Fills in the cell's outputs and execution count. @throws {CellError} when the cell fails. */
  async run(cell: Cell, place: CellPlace): Promise<void> {
    const source = joined(cell.source);
    cell.outputs = [];
    cell["execution_count"] = null;
    if (source.trim() === "") return;
    const collector = new OutputCollector(this.#displays);
    cell.outputs = collector.outputs;
    const reply = await this.#execute(source, collector, place, this.#limitOf(cell, place));
    cell["execution_count"] = reply["execution_count"] ?? null;
    const failed = reply["status"] !== "ok";
    const expected = tagsOf(cell).includes("raises-exception");
    if (failed && !expected && !this.#options.allowErrors) {
      throw new CellError(place, "error", "failed:", {
        traceback: tracebackOf(reply, collector.outputs),
        source,
      });
    }
    if (!failed && expected) {
      const what = 'was to fail (tag "raises-exception"), but it succeeded';
      throw new CellError(place, "no-error", what, { source });
    }
  }

  async #execute(
    source: string,
    collector: OutputCollector,
    place: CellPlace,
    limitMs: number,
  ): Promise<JsonObject> {
    for (let tries = 1; ; tries++) {
      const reply = await this.#attempt(source, collector, place, limitMs);
      if (!String(reply["status"]).startsWith("abort")) return reply;
      if (tries === REFUSED_TRIES)
        throw new CellError(place, "aborted", "was refused by the kernel", { source });
      await delay(REFUSED_WAIT_MS);
    }
  }

  async #attempt(
    source: string,
    collector: OutputCollector,
    place: CellPlace,
    limitMs: number,
  ): Promise<JsonObject> {
    const content = {
      code: source,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: false,
    };
    let stop = (_why: Stop) => {};
    const stopped = new Promise<Stop>((resolve) => {
      stop = resolve;
    });
    const listen = (message: JupyterMessage) => {
      collector.accept(message);
      if (collector.size > OUTPUT_LIMIT) stop("overflow");
    };
    const reply = this.#kernel.request("execute_request", content, {
      onIopub: ({ parent_header }: JupyterMessage) => {
        this.#listeners.set(parent_header.msg_id!, listen);
      },
    });
    const timer = setTimeout(() => stop("timeout"), limitMs);
    const abort = () => stop("aborted");
    const { signal } = this.#options;
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
    try {
      const first = await Promise.race([reply, stopped]);
      if (typeof first !== "string") return first.content;
      const late = await this.#interrupt(reply);
      const what = {
        timeout: `took longer than its limit of ${limitMs / 1000} s and was ${late ? "" : "not to be "}interrupted`,
        overflow: `wrote more than ${OUTPUT_LIMIT / 1_000_000} MB of output`,
        aborted: "was running when the run was stopped",
      }[first];
      const traceback = late ? tracebackOf(late, collector.outputs) : "";
      throw new CellError(place, first, what, { traceback, source });
    } catch (error) {
      if (error instanceof KernelDiedError) {
        throw new CellError(place, "died", `did not end: ${error.message}`, { source, cause: error });
      }
      if (error instanceof CellError) throw error;
      throw new NotebookError(`${describePlace(place)}: ${(error as Error).message}`, { cause: error });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** @returns what the cell replied when it was interrupted; undefined when it did not end or the kernel died. */
  async #interrupt(reply: Promise<JupyterMessage>): Promise<JsonObject | undefined> {
    const ended = reply.then(
      (message) => message.content,
      () => undefined,
    );
    // A kernel that is deaf to the interrupt is shut down by whoever started it.
    void this.#kernel.interrupt().catch(() => undefined);
    return Promise.race([ended, delay(INTERRUPT_MS, undefined, { ref: false })]);
  }

  #limitOf(cell: Cell, place: CellPlace): number {
    const own = cell.metadata["timeout"];
    if (own === undefined) return this.#options.timeoutMs;
    if (typeof own === "number" && own > 0 && own * 1000 < MAX_TIMEOUT_MS) return own * 1000;
    throw new NotebookError(
      `${describePlace(place)}: its metadata "timeout" must be seconds > 0, got ${JSON.stringify(own)}`,
    );
  }
}

type Stop = Extract<CellFailure, "timeout" | "overflow" | "aborted">;

/** The traceback of the reply; kernels that give none have printed it. */
function tracebackOf(reply: JsonObject, outputs: Output[]): string {
  if (Array.isArray(reply["traceback"]) && reply["traceback"].length > 0)
    return reply["traceback"].join("\n");
  const printed = outputs.filter((output) => output.output_type === "stream" && output["name"] === "stderr");
  const text = printed.map((output) => joined(output.text ?? "")).join("");
  return text || (typeof reply["ename"] === "string" ? `${reply["ename"]}: ${reply["evalue"]}` : "");
}
