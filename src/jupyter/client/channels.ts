import type * as zmq from "zeromq";
import { MissingPackageError } from "../../errors.ts";
import type { ConnectionInfo } from "./connection.ts";
import type { Channel } from "./message.ts";

export type ZeroMQ = typeof zmq;

/** Loads the native library on first use: the rest of the package works without it. */
export async function loadZeroMQ(): Promise<ZeroMQ> {
  try {
    return await import("zeromq");
  } catch (error) {
    throw new MissingPackageError("zeromq", "talking to a Jupyter kernel", { cause: error });
  }
}

/** Kernels bind within a second of their start: a short wait between attempts is time to the first cell. */
const RECONNECT_MS = 25;

/** The client's five sockets of one kernel. */
export class Channels {
  readonly #sockets: Record<"shell" | "control" | "stdin" | "heartbeat", zmq.Dealer>;
  readonly #iopub: zmq.Subscriber;
  /** Resolves when stdin is connected. Until then a kernel's question for input would be dropped by ZeroMQ. */
  readonly stdinConnected: Promise<void>;
  /** zeromq allows one pending send per socket: the tail of each socket's queue. */
  readonly #tails = new Map<string, Promise<void>>();
  readonly #pongs = new Map<string, () => void>();
  #pings = 0;
  #closed = false;

  /** @param onFrames called for every message of a channel, in the order of arrival on it. */
  constructor(
    library: ZeroMQ,
    info: ConnectionInfo,
    routingId: string,
    onFrames: (channel: Channel, frames: Uint8Array[]) => void,
  ) {
    const options = { linger: 0, reconnectInterval: RECONNECT_MS };
    // The kernel addresses an input_request on stdin by the identity that the request had on shell: one for all.
    const dealer = (port: number, connected?: () => void) => {
      const socket = new library.Dealer({
        ...options,
        routingId,
        sendHighWaterMark: 0,
        receiveHighWaterMark: 0,
      });
      if (connected) socket.events.on("handshake", connected);
      socket.connect(`${info.transport}://${info.ip}:${port}`);
      return socket;
    };
    let connected = () => {};
    this.stdinConnected = new Promise((resolve) => {
      connected = resolve;
    });
    this.#sockets = {
      shell: dealer(info.shell_port),
      control: dealer(info.control_port),
      stdin: dealer(info.stdin_port, connected),
      heartbeat: dealer(info.hb_port),
    };
    // No high-water mark: above it ZeroMQ drops messages without a word, an idle status among them.
    this.#iopub = new library.Subscriber({ ...options, receiveHighWaterMark: 0 });
    this.#iopub.connect(`${info.transport}://${info.ip}:${info.iopub_port}`);
    this.#iopub.subscribe();
    for (const channel of ["shell", "control", "stdin"] as const) {
      void pump(this.#sockets[channel], (frames) => onFrames(channel, frames));
    }
    void pump(this.#iopub, (frames) => onFrames("iopub", frames));
    void pump(this.#sockets.heartbeat, (frames) => this.#pongs.get(String(frames.at(-1)))?.());
  }

  /** Queues frames on a channel. @returns when ZeroMQ has taken them over; rejects when the sockets are closed. */
  send(channel: Exclude<Channel, "iopub"> | "heartbeat", frames: (Uint8Array | string)[]): Promise<void> {
    const tail = (this.#tails.get(channel) ?? Promise.resolve()).then(() =>
      this.#sockets[channel].send(frames),
    );
    this.#tails.set(
      channel,
      tail.catch(() => undefined),
    );
    return tail;
  }

  /** The round trip of one heartbeat in milliseconds, or undefined when none came back in time. */
  async ping(timeoutMs: number): Promise<number | undefined> {
    if (this.#closed) return undefined;
    const started = performance.now();
    const id = `ping-${++this.#pings}`;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<number | undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), timeoutMs);
        this.#pongs.set(id, () => resolve(performance.now() - started));
        // The empty frame is the envelope that a REQ socket would write; a REQ could not send again after a loss.
        this.send("heartbeat", ["", id]).catch(() => resolve(undefined));
      });
    } finally {
      clearTimeout(timer);
      this.#pongs.delete(id);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const socket of [...Object.values(this.#sockets), this.#iopub]) socket.close();
  }
}

async function pump(socket: zmq.Dealer | zmq.Subscriber, handle: (frames: Buffer[]) => void): Promise<void> {
  // The loop ends when the socket is closed.
  for await (const frames of socket) handle(frames);
}
