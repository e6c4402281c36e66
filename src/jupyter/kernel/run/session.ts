/** The state of one notebook: its variables and types, and how one cell after the other runs on them. */
import { format } from "node:util";
import { Compiler } from "../compile/compiler.ts";
import { SharedVariables } from "../compile/live-variables.ts";
import { type Converter, type Executor, loadTslab, type Tslab } from "../compile/tslab.ts";
import { resetHooks } from "../interrupt.ts";
import { type MimeBundle, render } from "../show/render.ts";
import { type ErrorReport, Tracebacks } from "../show/traceback.ts";
import type { SharedState } from "../wire/shared-state.ts";
import { installCellHooks, KeyboardInterrupt } from "./await-hooks.ts";
import { type Cell, cells } from "./cell.ts";
import { Guard, wasTerminated } from "./guard.ts";

export type Outcome =
  | { status: "ok" /** Undefined when the last statement has no value. */; bundle?: MimeBundle }
  | { status: "error"; report: ErrorReport };

/** Longest wait, before the first cell, for the signal thread, which must come before every guard. */
const SENTINEL_MS = 2000;
const IDLE_POLL_MS = 50;

export class Session {
  readonly tslab: Tslab;
  readonly tracebacks: Tracebacks;
  readonly executor: Executor;
  readonly #compiler: Compiler;
  readonly #converter: Converter;
  readonly #state: SharedState;
  readonly #guard: Guard;
  #running: { cell: Cell; end: (outcome: Outcome) => void } | undefined;
  /** What tslab's executor reports through its console: the last value, and errors. */
  #value: unknown;
  #errors: unknown[][] = [];
  #terminated = false;

  constructor(state: SharedState) {
    this.#state = state;
    this.#guard = new Guard(state, () => this.#interrupted());
    this.#compiler = new Compiler({
      // The compiler must not be torn in the middle of its work.
      begin: () => this.#guard.leave(),
      end: (id) => {
        this.#guard.enter();
        if (id !== 0 && state.get("requested") === id) throw new KeyboardInterrupt();
      },
    });
    this.tracebacks = new Tracebacks(this.#compiler);
    this.tslab = loadTslab((ts) => this.#compiler.adapt(ts));
    this.#converter = this.#compiler.wrap(
      this.tslab.ts,
      this.tslab.createConverter({ isJS: false, isBrowser: false }),
    );
    this.executor = this.#createExecutor(this.#converter);
    installCellHooks(state, this.#guard, new SharedVariables(this.executor.locals));
  }

  /** Runs a cell to its end: its value or error, its awaited promises and its displays. Never rejects. */
  async run(cell: Cell): Promise<Outcome> {
    this.#resetAfterTermination();
    this.#state.wait("sentinel", 0, SENTINEL_MS);
    this.tracebacks.name(cell.id, cell.count);
    this.#state.set("holds", 0);
    this.#state.set("running", cell.id);
    try {
      return await new Promise<Outcome>((resolve) => {
        // By a detour, because a signal that comes late may still terminate what runs in the guard.
        const end = (outcome: Outcome): void => void setImmediate(() => resolve(outcome));
        this.#running = { cell, end };
        const start = (): void => {
          this.#evaluate(cell).then(end, (error) => end(this.#failed(error)));
        };
        setImmediate(() => this.#guard.run(() => cells.run(cell, start)));
      });
    } finally {
      this.#running = undefined;
      this.#state.set("running", 0);
      this.#state.swap("requested", cell.id, 0);
    }
  }

  /** Ends a cell that waits for something: it is reported as interrupted, and what it left running is told to stop. */
  giveUp(id: number): void {
    const running = this.#running;
    if (running?.cell.id !== id) return;
    running.cell.stopped = true;
    this.#compiler.cellEnded(this.tslab.ts, id, false, this.executor.locals);
    // tslab still waits for the cell; without this it would take over the cell's declarations when that ends.
    this.executor.interrupt();
    running.end({ status: "error", report: this.tracebacks.ofError(new KeyboardInterrupt()) });
  }

  /**
   * Makes the compiler ready while nobody waits: compiles a cell that does nothing, then reads ahead, in small steps,
   * between which requests are answered.
   */
  async warmUp(idle: () => boolean): Promise<void> {
    if (this.#compiler.current === 0) this.#converter.convert("", "0");
    this.#state.set("warm", 1);
    for (const _ of this.#compiler.readAhead("unrolled")) {
      await new Promise((resolve) => setImmediate(resolve));
      while (!idle()) await new Promise((resolve) => setTimeout(resolve, IDLE_POLL_MS));
    }
    this.tslab.saveCodeCache();
  }

  #createExecutor(node: Converter): Executor {
    let browser: Converter | undefined;
    const createBrowser = (): Converter => this.tslab.createConverter({ isJS: false, isBrowser: true });
    const converters = {
      node,
      // Only cells that say `@browser` need it.
      get browser(): Converter {
        browser ??= createBrowser();
        return browser;
      },
      close: () => {
        node.close();
        browser?.close();
      },
    };
    return this.tslab.createExecutor(process.cwd(), converters, {
      log: (value: unknown) => {
        this.#value = value;
      },
      error: (...values: unknown[]) => {
        if (wasTerminated(values[0])) this.#guard.signalArrived();
        this.#errors.push(values);
      },
    });
  }

  async #evaluate(cell: Cell): Promise<Outcome> {
    this.#value = undefined;
    this.#errors = [];
    this.#compiler.current = cell.id;
    const ok = await this.executor.execute(cell.source);
    // Given up meanwhile: its end was reported, and what remains of it must not disturb the next cell.
    if (this.#running?.cell !== cell) return { status: "ok" };
    this.#compiler.cellEnded(this.tslab.ts, cell.id, ok, this.executor.locals);
    const compiled = this.#compiler.cells.get(cell.id);
    if (!ok) {
      if (!compiled || compiled.diagnostics.length === 0) return this.#failed(this.#errors[0]?.[0]);
      const report = this.tracebacks.ofDiagnostics(compiled.diagnostics, cell.source, cell.count);
      return { status: "error", report };
    }
    // A cell that only defines a module (`@module`) is kept whatever is wrong with it; tslab then prints why.
    for (const values of this.#errors) process.stderr.write(`${format(...values)}\n`);
    const value = this.#value ?? this.#takeNull(compiled?.lastExpression);
    const bundle = value === undefined ? undefined : await render(value);
    while (cell.pending) await cell.pending;
    return { status: "ok", bundle };
  }

  /** tslab's executor passes over `null`, which is a value like any other. */
  #takeNull(name: string | undefined): null | undefined {
    if (name === undefined) return undefined;
    const value = this.executor.locals[name] as null | undefined;
    delete this.executor.locals[name];
    return value;
  }

  #failed(error: unknown): Outcome {
    if (wasTerminated(error)) {
      this.#terminated = true;
      error = new KeyboardInterrupt();
    }
    return { status: "error", report: this.tracebacks.ofError(error) };
  }

  /** SIGINT terminated a continuation of a cell, and with it all that was waiting in the queues. */
  #interrupted(): void {
    this.#terminated = true;
    if (this.#running) this.giveUp(this.#running.cell.id);
  }

  /** Termination skips `finally` blocks, so what they would have put right is put right here. */
  #resetAfterTermination(): void {
    if (!this.#terminated) return;
    this.#terminated = false;
    for (const reset of resetHooks()) reset();
  }
}
