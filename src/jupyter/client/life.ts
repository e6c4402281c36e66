import { setTimeout as delay } from "node:timers/promises";
import type { KernelSpec } from "../kernelspec/spec.ts";
import { Channels, loadZeroMQ } from "./channels.ts";
import { KernelChild } from "./child.ts";
import { type ConnectionFile, createConnectionFile } from "./connection.ts";
import type { KernelExit } from "./errors.ts";
import { commandLine, environment } from "./launch.ts";
import type { Channel } from "./message.ts";

/** How long a kernel may take to leave after being asked to, and again after SIGTERM. */
const POLITE_MS = 2_000;
const TERMINATE_MS = 1_000;

interface LifeOptions {
  spec: KernelSpec;
  name: string;
  resourceDir?: string;
  cwd?: string;
  env?: Record<string, string | undefined>;
  key: string;
  routingId: string;
  onFrames: (channel: Channel, frames: Uint8Array[]) => void;
  onLog: (stream: "stdout" | "stderr", text: string) => void;
  /** Runs when the process has ended, before the sockets are closed. */
  onExit: (life: KernelLife, exit: KernelExit) => Promise<void>;
}

/** One process of a kernel with its sockets and its connection file; a restart makes a new one. */
export class KernelLife {
  readonly child: KernelChild;
  readonly channels: Channels;
  /** Resolves when the process has ended and everything of it is put away. */
  readonly ended: Promise<void>;
  /** Set when it has answered: a death before that is a failed start. */
  greeted = false;
  /** Set when its end is wanted. */
  ending = false;

  private constructor(
    child: KernelChild,
    channels: Channels,
    connection: ConnectionFile,
    options: LifeOptions,
  ) {
    this.child = child;
    this.channels = channels;
    this.ended = child.exited
      .then((exit) => options.onExit(this, exit))
      .finally(async () => {
        channels.close();
        await connection.remove().catch(() => undefined);
      });
  }

  static async begin(options: LifeOptions): Promise<KernelLife> {
    const { spec, name, resourceDir } = options;
    const zeromq = await loadZeroMQ();
    const connection = await createConnectionFile({ kernelName: name, key: options.key });
    let channels: Channels | undefined;
    try {
      channels = new Channels(zeromq, connection.info, options.routingId, options.onFrames);
      const child = new KernelChild(
        commandLine(spec, name, { connectionFile: connection.path, resourceDir }),
        { cwd: options.cwd ?? process.cwd(), env: environment(spec, options.env) },
        options.onLog,
      );
      return new KernelLife(child, channels, connection, options);
    } catch (error) {
      channels?.close();
      await connection.remove();
      throw error;
    }
  }

  /** Ends the process: by `ask` if given, then by SIGTERM, then by SIGKILL. */
  async end(ask?: () => void): Promise<void> {
    this.ending = true;
    const goneWithin = (ms: number) =>
      Promise.race([this.ended.then(() => true), delay(ms, false, { ref: false })]);
    if (ask && this.child.running) {
      ask();
      if (await goneWithin(POLITE_MS)) return;
    }
    this.child.kill("SIGTERM");
    if (await goneWithin(TERMINATE_MS)) return;
    this.child.kill("SIGKILL");
    await this.ended;
  }
}
