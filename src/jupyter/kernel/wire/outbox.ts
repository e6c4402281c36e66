/**
 * Orders, merges and paces what the kernel sends. Text that a cell prints is merged into few messages; an update of
 * a display replaces an update of the same display that has not gone out yet; and when a cell prints faster than
 * `charactersPerSecond`, sending is delayed, never dropped: `backlog` grows, and the cell's thread waits (see streams.ts).
 */
import type { Sendable } from "./thread-messages.ts";

const FLUSH_MS = 15;
const MAX_TEXT = 1 << 20;

export interface OutboxOptions {
  /** Puts one message on its socket. */
  send: (message: Sendable) => Promise<void>;
  /** Called with the number of characters of printed text that have left. */
  sent: (characters: number) => void;
  /** Sustained rate for printed text, characters a second; bursts of one second's worth pass at once. */
  charactersPerSecond: number;
  now?: () => number;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #now: () => number;
  #queue: Sendable[] = [];
  #budget: number;
  #refilled: number;
  #timer: NodeJS.Timeout | undefined;
  #pumping = false;
  #idle: (() => void)[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#budget = options.charactersPerSecond;
    this.#refilled = this.#now();
  }

  push(message: Sendable): void {
    if (message.kind === "stream") {
      if (!this.#appendText(message)) this.#queue.push(message);
      this.#timer ??= setTimeout(() => this.#pump(), FLUSH_MS);
      return;
    }
    if (message.kind === "publish" && message.type === "update_display_data") {
      this.#replaceUpdate(message);
      this.#timer ??= setTimeout(() => this.#pump(), FLUSH_MS);
      return;
    }
    this.#queue.push(message);
    this.#pump();
  }

  /** Sends everything now, without waiting for the merge interval or the rate; resolves when all is sent. */
  flush(): Promise<void> {
    this.#budget = Number.POSITIVE_INFINITY;
    this.#pump();
    if (!this.#pumping && this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #appendText(message: Sendable & { kind: "stream" }): boolean {
    const last = this.#queue.at(-1);
    if (last?.kind !== "stream" || last.name !== message.name) return false;
    if (last.parent?.msg_id !== message.parent?.msg_id || last.text.length > MAX_TEXT) return false;
    last.text += message.text;
    return true;
  }

  #replaceUpdate(message: Sendable & { kind: "publish" }): void {
    const id = displayId(message);
    this.#queue = this.#queue.filter(
      (waiting) =>
        waiting.kind !== "publish" ||
        waiting.type !== "update_display_data" ||
        displayId(waiting) !== id ||
        waiting.parent?.msg_id !== message.parent?.msg_id,
    );
    this.#queue.push(message);
  }

  async #pump(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#queue.length > 0) {
        if (this.#queue[0].kind === "stream" && !this.#affordable()) {
          this.#timer = setTimeout(() => this.#pump(), FLUSH_MS);
          break;
        }
        const message = this.#queue.shift()!;
        await this.#options.send(message);
        if (message.kind === "stream") {
          this.#budget -= message.text.length;
          this.#options.sent(message.text.length);
        }
      }
    } finally {
      this.#pumping = false;
      if (this.#queue.length === 0) for (const done of this.#idle.splice(0)) done();
    }
  }

  #affordable(): boolean {
    const rate = this.#options.charactersPerSecond;
    const now = this.#now();
    if (this.#budget !== Number.POSITIVE_INFINITY) {
      this.#budget = Math.min(rate, this.#budget + ((now - this.#refilled) / 1000) * rate);
    }
    this.#refilled = now;
    return this.#budget > 0;
  }
}

function displayId(message: Sendable & { kind: "publish" }): unknown {
  return (message.content["transient"] as { display_id?: unknown } | undefined)?.display_id;
}
