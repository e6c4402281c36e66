/** The five sockets of a kernel: bound, read, written and closed. */
import { writeSync } from "node:fs";
import type * as Zmq from "zeromq";
import { MissingPackageError } from "../../../errors.ts";
import type { Sendable } from "./thread-messages.ts";
import {
  address,
  type ConnectionInfo,
  decode,
  encode,
  type Header,
  type Json,
  type Message,
  newHeader,
  WireError,
} from "./wire.ts";

export type Channel = "shell" | "control" | "stdin";

export class Sockets {
  readonly #connection: ConnectionInfo;
  readonly #routers: Record<Channel, Zmq.Router>;
  readonly #iopub: Zmq.Publisher;
  readonly #heartbeat: Zmq.Reply;
  readonly #session: string = newHeader("", "").msg_id;
  readonly #reading: Promise<void>[] = [];

  private constructor(connection: ConnectionInfo, zmq: typeof Zmq) {
    this.#connection = connection;
    this.#routers = { shell: new zmq.Router(), control: new zmq.Router(), stdin: new zmq.Router() };
    // Without a limit, because a publisher at its high-water mark drops messages without a word.
    this.#iopub = new zmq.Publisher({ sendHighWaterMark: 0 });
    this.#heartbeat = new zmq.Reply();
  }

  /** @throws {MissingPackageError} without zeromq; {WireError} when a port is taken. */
  static async open(connection: ConnectionInfo): Promise<Sockets> {
    const sockets = new Sockets(connection, await loadZmq());
    const { shell, control, stdin } = sockets.#routers;
    try {
      await Promise.all([
        bind(shell, address(connection, connection.shell_port)),
        bind(control, address(connection, connection.control_port)),
        bind(stdin, address(connection, connection.stdin_port)),
        bind(sockets.#iopub, address(connection, connection.iopub_port)),
        bind(sockets.#heartbeat, address(connection, connection.hb_port)),
      ]);
    } catch (error) {
      await sockets.close();
      throw error;
    }
    sockets.#read(sockets.#heartbeat, (frames) => sockets.#heartbeat.send(frames));
    return sockets;
  }

  /** Calls `handle` for every message that arrives on a channel and was signed with our key. */
  listen(channel: Channel, handle: (message: Message) => void): void {
    this.#read(this.#routers[channel], (frames) => handle(decode(frames, this.#connection.key)));
  }

  send(message: Sendable): Promise<void> {
    if (message.kind === "reply") {
      const { channel, identities, header } = message.to;
      return this.#routers[channel].send(this.#frames(identities, message.type, header, message.content));
    }
    const type = message.kind === "stream" ? "stream" : message.type;
    const content = message.kind === "stream" ? { name: message.name, text: message.text } : message.content;
    const metadata = message.kind === "publish" ? message.metadata : undefined;
    // Subscribers filter by the first frame, which is a topic here, not an identity.
    const topic = Buffer.from(`kernel.${type}`);
    return this.#iopub.send(this.#frames([topic], type, message.parent, content, metadata));
  }

  /** Sends what is on its way and ends all reading. A thread torn down while a socket is read takes the process down. */
  async close(): Promise<void> {
    for (const socket of [...Object.values(this.#routers), this.#iopub, this.#heartbeat]) socket.close();
    await Promise.all(this.#reading);
  }

  #frames(
    identities: Uint8Array[],
    type: string,
    parent: Header | null,
    content: Json,
    metadata: Json = {},
  ): Uint8Array[] {
    const header = newHeader(type, this.#session, parent?.username);
    return encode(
      { identities, header, parent: parent ?? {}, metadata, content, buffers: [] },
      this.#connection.key,
    );
  }

  /** A message that is not for us is reported and dropped; the kernel goes on. */
  #read(socket: Zmq.Router | Zmq.Reply, handle: (frames: Buffer[]) => void | Promise<void>): void {
    const read = async (): Promise<void> => {
      for await (const frames of socket) {
        try {
          await handle(frames as Buffer[]);
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
          writeSync(2, `unrolled kernel: dropped a message: ${error.message}\n`);
        }
      }
    };
    this.#reading.push(read());
  }
}

async function bind(socket: Zmq.Router | Zmq.Publisher | Zmq.Reply, at: string): Promise<void> {
  try {
    await socket.bind(at);
  } catch (cause) {
    throw new WireError(`cannot listen on ${at}: ${(cause as Error).message}`, { cause });
  }
}

async function loadZmq(): Promise<typeof Zmq> {
  try {
    return (await import("zeromq")) as typeof Zmq;
  } catch (cause) {
    throw new MissingPackageError("zeromq", "The TypeScript kernel", { cause });
  }
}
