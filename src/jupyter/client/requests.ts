import { KernelTimeoutError } from "./errors.ts";
import type { Channel, JsonObject, JupyterMessage } from "./message.ts";

export interface RequestOptions {
  channel?: Extract<Channel, "shell" | "control">;
  /** Called for each iopub message that this request caused, the statuses included, in their order. */
  onIopub?: (message: JupyterMessage) => void;
  /** Called for an `input_request` on stdin that this request caused. */
  onInput?: (message: JupyterMessage) => void;
  /** Milliseconds until the request fails with a KernelTimeoutError. Without it a request may take for ever. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Milliseconds of silence between the reply and the end of the outputs. Default 10,000. */
  silenceMs?: number;
  /** `idle` (the default): wait for the reply and for the end of the outputs. `reply`: the reply alone. */
  until?: "idle" | "reply";
  metadata?: JsonObject;
  buffers?: Uint8Array[];
}

/** A kernel sends idle right after its reply. Silence for this long means that the message was lost. */
const SILENCE_MS = 10_000;

interface Pending {
  options: RequestOptions;
  reply?: JupyterMessage;
  idle: boolean;
  settle(error?: Error): void;
  /** Restarted by every message between reply and idle. */
  watch(): void;
}

/** Pairs replies and outputs with the requests that caused them. */
export class Requests {
  readonly #pending = new Map<string, Pending>();

  /** @returns the reply; rejects on time-out, abort, or `rejectAll`. */
  add(message: JupyterMessage<object>, options: RequestOptions): Promise<JupyterMessage> {
    const { msg_id: id, msg_type: type } = message.header;
    return new Promise((resolve, reject) => {
      const { signal, timeoutMs } = options;
      if (signal?.aborted) return reject(signal.reason);
      let limit: NodeJS.Timeout | undefined;
      let lost: NodeJS.Timeout | undefined;
      const pending: Pending = {
        options,
        idle: false,
        settle: (error) => {
          if (!this.#pending.delete(id)) return;
          clearTimeout(limit);
          clearTimeout(lost);
          signal?.removeEventListener("abort", aborted);
          if (error) reject(error);
          else resolve(pending.reply!);
        },
        watch: () => {
          clearTimeout(lost);
          const silence = options.silenceMs ?? SILENCE_MS;
          const text = `the kernel replied to ${type}, but the end of its outputs did not arrive within ${silence / 1000} s: messages were lost`;
          lost = setTimeout(() => pending.settle(new KernelTimeoutError(text)), silence);
        },
      };
      const aborted = () => pending.settle(signal!.reason);
      signal?.addEventListener("abort", aborted, { once: true });
      if (timeoutMs !== undefined) {
        const text = `no answer to ${type} within ${timeoutMs / 1000} s; interrupt() the kernel, or give it longer`;
        limit = setTimeout(() => pending.settle(new KernelTimeoutError(text)), timeoutMs);
      }
      this.#pending.set(id, pending);
    });
  }

  accept(message: JupyterMessage): void {
    const pending = this.#pending.get(message.parent_header.msg_id ?? "");
    if (!pending) return;
    const { options } = pending;
    const type = message.header.msg_type;
    if (message.channel === "iopub") {
      options.onIopub?.(message);
      if (type === "status" && message.content["execution_state"] === "idle") pending.idle = true;
    } else if (message.channel === "stdin") {
      options.onInput?.(message);
    } else if (type.endsWith("_reply")) {
      pending.reply = message;
    }
    if (!pending.reply) return;
    if (pending.idle || options.until === "reply") pending.settle();
    else pending.watch();
  }

  reject(id: string, error: Error): void {
    this.#pending.get(id)?.settle(error);
  }

  rejectAll(error: Error): void {
    for (const pending of [...this.#pending.values()]) pending.settle(error);
  }
}
