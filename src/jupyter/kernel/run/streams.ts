/** What cells print: `process.stdout` and `process.stderr` write to the cell that the running code belongs to. */
import { StringDecoder } from "node:string_decoder";
import type { SharedState } from "../wire/shared-state.ts";
import type { Outgoing, StreamName } from "../wire/thread-messages.ts";
import { type Cell, cells } from "./cell.ts";

/** Printed text that has not left the process may grow to this; then the cell that prints has to wait. */
const BACKLOG_LIMIT = 1e6;
const WAIT_MS = 100;
const GIVE_UP_MS = 60_000;

export class Streams {
  readonly #state: SharedState;
  readonly #post: (message: Outgoing) => void;
  /** Code that lost its context (a callback of native code) prints to the cell that ran last. */
  last: Cell | undefined;

  constructor(state: SharedState, post: (message: Outgoing) => void) {
    this.#state = state;
    this.#post = post;
  }

  /** Redirects both streams. Before the first cell they still go to the terminal or log of the kernel. */
  install(): void {
    for (const name of ["stdout", "stderr"] as const) {
      const stream = process[name];
      const original = stream.write.bind(stream);
      const decoder = new StringDecoder("utf8");
      const write = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
        const cell = cells.getStore() ?? this.last;
        if (!cell) return original(chunk as string, encoding as BufferEncoding);
        const text =
          typeof chunk === "string"
            ? asText(chunk, encoding)
            : decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        this.print(cell, name, text);
        const done = typeof encoding === "function" ? encoding : callback;
        if (typeof done === "function") process.nextTick(done as () => void);
        return true;
      };
      stream.write = write as typeof stream.write;
    }
  }

  print(cell: Cell, name: StreamName, text: string): void {
    if (cell.silent || text === "") return;
    if (cell.stopped && !cell.noticed) {
      cell.noticed = true;
      this.print(
        cell,
        "stderr",
        "This cell was interrupted; what follows comes from code that it left running.\n",
      );
    }
    this.#waitForRoom();
    this.#state.add("backlog", text.length);
    this.#post({ kind: "stream", name, parent: cell.header, text });
  }

  /** Blocks like a full pipe would. An interrupt gets through, because SIGINT ends the wait. */
  #waitForRoom(): void {
    for (let waited = 0; waited < GIVE_UP_MS; waited += WAIT_MS) {
      const backlog = this.#state.get("backlog");
      if (backlog < BACKLOG_LIMIT) return;
      this.#state.wait("backlog", backlog, WAIT_MS);
    }
  }
}

function asText(chunk: string, encoding: unknown): string {
  const bytes = encoding === "hex" || encoding === "base64" || encoding === "base64url";
  return bytes ? Buffer.from(chunk, encoding).toString() : chunk;
}
