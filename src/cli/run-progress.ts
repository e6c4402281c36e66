import type { CellProgress } from "../jupyter/execute/index.ts";

/** Where progress is shown; `process.stdout` is one. */
export interface Terminal {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** On a terminal one line that is written over; elsewhere, as in a log, one line for each cell. */
export class ProgressLine {
  readonly #name: string;
  readonly #terminal: Terminal;
  readonly #started = performance.now();

  constructor(name: string, terminal: Terminal = process.stdout) {
    this.#name = name;
    this.#terminal = terminal;
  }

  progress({ cell, total, finished, ms }: CellProgress): void {
    const live = this.#terminal.isTTY === true;
    if (live && !finished) this.#rewrite(`     ${this.#name}  cell ${cell} of ${total}, ${this.#seconds()}`);
    if (!live && finished) {
      this.#terminal.write(`     ${this.#name}: cell ${cell} of ${total}, ${(ms / 1000).toFixed(1)} s\n`);
    }
  }

  /** The last line, which stays. */
  end(verdict: "ok" | "FAIL", details: string): void {
    if (this.#terminal.isTTY) this.#rewrite("");
    const parts = [this.#name, details, this.#seconds()].filter((part) => part !== "");
    this.#terminal.write(`${verdict.padEnd(4)} ${parts.join(", ")}\n`);
  }

  #rewrite(text: string): void {
    // A line that wraps could not be written over. Some terminals report no width.
    const width = Math.max(20, (this.#terminal.columns || 80) - 1);
    this.#terminal.write(`\r\u001b[2K${text.slice(0, width)}`);
  }

  #seconds(): string {
    return `${((performance.now() - this.#started) / 1000).toFixed(1)} s`;
  }
}
