/** The state of one notebook: its variables and types, and how one cell after the other runs on them. */
import { type Cell, cells } from "./cell.ts";
import type { Compiler } from "./compiler.ts";
import { Guard, wasTerminated } from "./guard.ts";
import { installAwaitHooks, KeyboardInterrupt } from "./await-hooks.ts";
import { resetHooks } from "./interrupt.ts";
import { type MimeBundle, render } from "./render.ts";
import type { SharedState } from "./shared-state.ts";
import type { ErrorReport, Tracebacks } from "./traceback.ts";
import type { Converter, Executor, Tslab } from "./tslab.ts";

export type Outcome =
  | { status: "ok"; /** Undefined when the last statement has no value. */ bundle?: MimeBundle }
  | { status: "error"; report: ErrorReport };

/** Longest wait for a SIGINT that was sent for a cell that ended meanwhile. */
const SIGNAL_MS = 200;

export class Session {
  readonly executor: Executor;
  readonly #compiler: Compiler;
  readonly #tracebacks: Tracebacks;
  readonly #state: SharedState;
  readonly #guard: Guard;
  #running: { cell: Cell; end: (outcome: Outcome) => void } | undefined;
  /** What tslab's executor reports through its console: the last value, and errors. */
  #value: unknown;
  #errors: unknown[] = [];
  #terminated = false;

  constructor(tslab: Tslab, converter: Converter, compiler: Compiler, tracebacks: Tracebacks, state: SharedState) {
    this.#compiler = compiler;
    this.#tracebacks = tracebacks;
    this.#state = state;
    this.#guard = new Guard(() => this.#interrupted());
    const node = this.#compiler.wrap(converter);
    let browser: Converter | undefined;
    const converters = {
      node,
      get browser(): Converter {
        browser ??= tslab.createConverter({ isJS: false, isBrowser: true });
        return browser;
      },
      close: () => {
        node.close();
        browser?.close();
      },
    };
    this.executor = tslab.createExecutor(process.cwd(), converters, {
      log: (value: unknown) => {
        this.#value = value;
      },
      error: (...args: unknown[]) => this.#errors.push(args[0]),
    });
    installAwaitHooks(state, this.#guard);
    process.on("SIGINT", () => this.#onSignal());
  }

  /** Runs a cell to its end: its value or error, its awaited promises and its displays. Never rejects. */
  async run(cell: Cell): Promise<Outcome> {
    this.#resetAfterTermination();
    this.#tracebacks.name(cell.id, cell.count);
    this.#state.set("running", cell.id);
    try {
      return await new Promise<Outcome>((resolve) => {
        this.#running = { cell, end: resolve };
        setImmediate(() => {
          cells.run(cell, () => {
            this.#evaluate(cell).then(resolve, (error) => resolve(this.#failed(error)));
          });
          // The first part ran under tslab's own guard; from here everything is a continuation.
          this.#guard.run(() => {});
        });
      });
    } finally {
      this.#running = undefined;
      this.#state.set("running", 0);
      this.#state.swap("requested", cell.id, 0);
      await this.#signalArrived(cell);
    }
  }

  async #evaluate(cell: Cell): Promise<Outcome> {
    this.#value = undefined;
    this.#errors = [];
    this.#compiler.current = cell.id;
    const ok = await this.executor.execute(cell.source);
    if (!ok) return this.#outcomeOfErrors(cell);
    const value = this.#value ?? this.#nullResult(cell);
    const bundle = value === undefined ? undefined : await render(value);
    while (cell.pending) await cell.pending;
    return { status: "ok", bundle };
  }

  /** tslab's executor passes over `null`, which is a value like any other. */
  #nullResult(cell: Cell): null | undefined {
    const name = this.#compiler.cells.get(cell.id)?.lastExpression;
    if (name === undefined) return undefined;
    const value = this.executor.locals[name] as null | undefined;
    delete this.executor.locals[name];
    return value;
  }

  #outcomeOfErrors(cell: Cell): Outcome {
    const compiled = this.#compiler.cells.get(cell.id);
    if (compiled && compiled.diagnostics.length > 0) {
      const report = this.#tracebacks.ofDiagnostics(compiled.diagnostics, cell.source, cell.count);
      return { status: "error", report };
    }
    return this.#failed(this.#errors[0]);
  }

  #failed(error: unknown): Outcome {
    if (wasTerminated(error)) {
      this.#terminated = true;
      this.#state.set("forced", 0);
      error = new KeyboardInterrupt();
    }
    return { status: "error", report: this.#tracebacks.ofError(error) };
  }

  /** SIGINT that found no script to terminate: the cell waits for something, and is given up. */
  #onSignal(): void {
    const running = this.#running;
    if (!running) return;
    this.#state.set("forced", 0);
    running.cell.stopped = true;
    running.end({ status: "error", report: this.#tracebacks.ofError(new KeyboardInterrupt()) });
  }

  /** SIGINT terminated a continuation of the cell, and with it all that was waiting in the queues. */
  #interrupted(): void {
    this.#terminated = true;
    this.#onSignal();
  }

  /** A signal that is on its way must not hit the next cell. */
  async #signalArrived(cell: Cell): Promise<void> {
    const deadline = Date.now() + SIGNAL_MS;
    while (this.#state.get("forced") === cell.id && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    this.#state.swap("forced", cell.id, 0);
  }

  #resetAfterTermination(): void {
    if (!this.#terminated) return;
    this.#terminated = false;
    for (const reset of resetHooks()) reset();
  }
}
