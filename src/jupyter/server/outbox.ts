import type { JupyterMessage } from "../client/message.ts";

/** What carries messages to one browser tab. */
export interface Sink {
  /** @param done called when the message has left this process, or could not. */
  send(message: JupyterMessage, done: (delivered: boolean) => void): void;
}

export interface OutboxOptions {
  /** Outputs that can be merged wait this long for others after one has gone out, in milliseconds. */
  pace?: number;
  /** So many bytes may be on their way; beyond, the tab is slow and messages wait here, where they can merge. */
  inFlight?: number;
  /** So many bytes may wait; beyond, the oldest outputs are dropped, and the tab is told so. */
  held?: number;
  /** setTimeout, or a test's own. */
  schedule?: (work: () => void, milliseconds: number) => void;
}

interface Entry {
  message: JupyterMessage;
  size: number;
  /** Of a notice: how many outputs it stands for. */
  lost?: number;
}

const outputs = new Set(["stream", "display_data", "update_display_data", "execute_result", "error"]);

/**
 * The messages that one tab has yet to get, in order. It keeps a flood of output from drowning the browser, and
 * holds messages while the tab is slow or has lost its connection:
 *
 * - text to the same stream of the same cell is joined,
 * - an update of a display replaces one that is still waiting, so the last state always arrives,
 * - what a `clear_output` would wipe out is not sent any more.
 *
 * Everything else passes unchanged, and nothing overtakes anything. A message on its own goes out at once.
 */
export class Outbox {
  readonly #pace: number;
  readonly #maxInFlight: number;
  readonly #maxHeld: number;
  readonly #schedule: (work: () => void, milliseconds: number) => void;
  #queue: Entry[] = [];
  #held = 0;
  /** Given to the connection and not known to have left; with a new connection they go out again, first. */
  #inFlight: Set<Entry> = new Set();
  #inFlightSize = 0;
  #sink: Sink | undefined;
  #paced = false;

  constructor(options: OutboxOptions = {}) {
    this.#pace = options.pace ?? 10;
    this.#maxInFlight = options.inFlight ?? 4_000_000;
    this.#maxHeld = options.held ?? 64_000_000;
    this.#schedule =
      options.schedule ??
      ((work, milliseconds) => {
        setTimeout(work, milliseconds).unref();
      });
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Gives the tab's connection, and with it everything that is waiting. */
  attach(sink: Sink): void {
    this.#sink = sink;
    this.#queue = [...this.#inFlight, ...this.#queue];
    this.#held += this.#inFlightSize;
    this.#inFlight.clear();
    this.#inFlightSize = 0;
    this.#drain();
  }

  /** The connection is gone; from now on messages wait. */
  detach(sink: Sink): void {
    if (this.#sink === sink) this.#sink = undefined;
  }

  push(message: JupyterMessage): void {
    const type = message.channel === "iopub" ? message.header.msg_type : "";
    if (type === "stream" && this.#joinText(message)) return;
    if (type === "update_display_data") this.#removeOlderUpdate(message);
    const entry = { message, size: sizeOf(message) };
    this.#queue.push(entry);
    this.#held += entry.size;
    if (outputs.has(type) || type === "clear_output") this.#removeCleared(message.parent_header.msg_id);
    if (this.#held > this.#maxHeld) this.#dropOldest();
    if (this.#paced && outputs.has(type)) return;
    this.#drain();
  }

  #drain(): void {
    const sink = this.#sink;
    if (!sink) return;
    while (this.#queue.length > 0 && this.#inFlightSize < this.#maxInFlight) {
      const entry = this.#queue.shift() as Entry;
      this.#held -= entry.size;
      this.#inFlight.add(entry);
      this.#inFlightSize += entry.size;
      sink.send(entry.message, (delivered) => {
        if (!delivered || !this.#inFlight.delete(entry)) return;
        this.#inFlightSize -= entry.size;
        if (this.#sink === sink && !this.#paced) this.#drain();
      });
    }
    if (this.#paced) return;
    this.#paced = true;
    this.#schedule(() => {
      this.#paced = false;
      if (this.#queue.length > 0) this.#drain();
    }, this.#pace);
  }

  #joinText(message: JupyterMessage): boolean {
    const last = this.#queue.at(-1);
    if (last?.message.header.msg_type !== "stream" || last.message.channel !== "iopub") return false;
    if (last.message.parent_header.msg_id !== message.parent_header.msg_id) return false;
    const { name, text } = last.message.content;
    if (name !== message.content["name"] || last.size > 1_000_000) return false;
    // A new object: the old one is shared with the other tabs' outboxes. Without `parts`, which no longer fit.
    const { parts: _, ...rest } = last.message;
    const joined = `${text}${message.content["text"]}`;
    const size = sizeOf(message);
    last.message = { ...rest, content: { name, text: joined } };
    last.size += size;
    this.#held += size;
    if (!this.#paced) this.#drain();
    return true;
  }

  #removeOlderUpdate(message: JupyterMessage): void {
    const id = displayId(message);
    if (id === undefined) return;
    this.#filter(
      ({ message: older }) => older.header.msg_type !== "update_display_data" || displayId(older) !== id,
    );
  }

  /** Drops outputs of this cell before its last `clear_output`, once that has taken effect. */
  #removeCleared(parent: string | undefined): void {
    if (parent === undefined) return;
    const ofCell = ({ message }: Entry): boolean =>
      message.channel === "iopub" && message.parent_header.msg_id === parent;
    const isClear = (entry: Entry): boolean =>
      ofCell(entry) && entry.message.header.msg_type === "clear_output";
    const isOutput = (entry: Entry): boolean => ofCell(entry) && outputs.has(entry.message.header.msg_type);
    const at = this.#queue.findLastIndex(isClear);
    if (at < 0) return;
    // With `wait` the old output stays until there is new output.
    const waits = this.#queue[at].message.content["wait"] === true;
    if (waits && !this.#queue.slice(at + 1).some(isOutput)) return;
    this.#filter((entry, index) => index >= at || !(isOutput(entry) || isClear(entry)));
  }

  #filter(keep: (entry: Entry, index: number) => boolean): void {
    const kept = this.#queue.filter(keep);
    if (kept.length === this.#queue.length) return;
    this.#queue = kept;
    this.#held = kept.reduce((sum, entry) => sum + entry.size, 0);
  }

  /** Never silently: the first output that is dropped becomes a line on its cell's stderr, which counts them. */
  #dropOldest(): void {
    let excess = this.#held - this.#maxHeld / 2;
    let notice: Required<Entry> | undefined;
    this.#queue = this.#queue.flatMap((entry) => {
      const { message } = entry;
      if (excess <= 0 || message.channel !== "iopub" || !outputs.has(message.header.msg_type)) return [entry];
      excess -= entry.size;
      const first = notice === undefined;
      notice ??= { message: asNotice(message), size: 300, lost: 0 };
      notice.lost += entry.lost ?? 1;
      notice.message.content["text"] =
        `[unrolled] ${notice.lost} outputs were dropped here, because the browser did not take them. Run the cell again to see them.\n`;
      return first ? [notice] : [];
    });
    this.#held = this.#queue.reduce((sum, entry) => sum + entry.size, 0);
  }
}

function asNotice(message: JupyterMessage): JupyterMessage {
  const { parts: _, ...rest } = message;
  const header = { ...message.header, msg_type: "stream" };
  return { ...rest, header, metadata: {}, content: { name: "stderr", text: "" }, buffers: [] };
}

function displayId(message: JupyterMessage): unknown {
  return (message.content["transient"] as { display_id?: unknown } | undefined)?.display_id;
}

/** Bytes on the wire, closely enough for limits. */
export function sizeOf(message: JupyterMessage): number {
  const buffers = message.buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);
  if (message.parts) return buffers + message.parts.reduce((sum, part) => sum + part.byteLength, 0);
  return buffers + 600 + contentSize(message.content);
}

function contentSize(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 8;
  return Object.entries(value).reduce((sum, [key, inner]) => sum + key.length + contentSize(inner), 0);
}
