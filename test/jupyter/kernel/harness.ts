/** A small Jupyter front end: starts the kernel from source and speaks the wire protocol with it. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Dealer, Subscriber } from "zeromq";
import {
  type ConnectionInfo,
  decode,
  encode,
  type Json,
  type Message,
} from "../../../src/jupyter/kernel/wire/wire.ts";
import { builtKernel } from "./build.ts";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

/** What came back for one request. */
export interface Answer {
  reply: Message;
  /** Everything published for the request, from `busy` to `idle`. */
  published: Message[];
}

export interface TestKernelOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** The command of another kernel, given its connection file. */
  argv?: (connectionFile: string) => string[];
}

type Channel = "shell" | "control" | "stdin";

export class TestKernel {
  readonly process: ChildProcess;
  readonly connection: ConnectionInfo;
  readonly session: string = randomUUID();
  /** Everything published, in order of arrival. */
  readonly published: Message[] = [];
  readonly inputRequests: Message[] = [];
  log = "";
  readonly #folder: string;
  readonly #sockets: Record<Channel, Dealer>;
  readonly #iopub: Subscriber;
  readonly #replies: Message[] = [];
  #waiters: (() => void)[] = [];

  private constructor(process: ChildProcess, connection: ConnectionInfo, folder: string) {
    this.process = process;
    this.connection = connection;
    this.#folder = folder;
    const routingId = this.session;
    this.#sockets = {
      shell: new Dealer({ routingId, linger: 0 }),
      control: new Dealer({ routingId, linger: 0 }),
      stdin: new Dealer({ routingId, linger: 0 }),
    };
    this.#iopub = new Subscriber({ linger: 0, receiveHighWaterMark: 0 });
    for (const stream of [process.stdout, process.stderr]) {
      stream?.on("data", (chunk) => {
        this.log += chunk;
      });
    }
    process.on("exit", () => this.#wake());
  }

  /** Starts a kernel in a fresh folder (or in `cwd`) and waits until it answers. */
  static async start(options: TestKernelOptions = {}): Promise<TestKernel> {
    const folder = mkdtempSync(path.join(tmpdir(), "unrolled-kernel-"));
    const [shell_port, iopub_port, stdin_port, control_port, hb_port] = await freePorts(5);
    const connection: ConnectionInfo = {
      transport: "tcp",
      ip: "127.0.0.1",
      key: randomUUID(),
      signature_scheme: "hmac-sha256",
      shell_port,
      iopub_port,
      stdin_port,
      control_port,
      hb_port,
    };
    const file = path.join(folder, "connection.json");
    writeFileSync(file, JSON.stringify(connection), { mode: 0o600 });
    const argv = options.argv?.(file) ?? [process.execPath, await builtKernel(), "--connection-file", file];
    const child = spawn(argv[0], argv.slice(1), {
      cwd: options.cwd ?? ROOT,
      env: options.env ?? { ...process.env, NODE_OPTIONS: "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const kernel = new TestKernel(child, connection, folder);
    kernel.#connect();
    await kernel.request("kernel_info_request", {});
    // The subscription takes effect a moment after it was asked for; the first status proves it.
    while (!kernel.published.some((message) => message.content["execution_state"] === "idle")) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await kernel.request("kernel_info_request", {});
    }
    return kernel;
  }

  #connect(): void {
    const { connection } = this;
    const at = (port: number): string => `tcp://127.0.0.1:${port}`;
    this.#sockets.shell.connect(at(connection.shell_port));
    this.#sockets.control.connect(at(connection.control_port));
    this.#sockets.stdin.connect(at(connection.stdin_port));
    this.#iopub.connect(at(connection.iopub_port));
    this.#iopub.subscribe();
    this.#listen(this.#iopub, (message) => this.published.push(message));
    this.#listen(this.#sockets.shell, (message) => this.#replies.push(message));
    this.#listen(this.#sockets.control, (message) => this.#replies.push(message));
    this.#listen(this.#sockets.stdin, (message) => this.inputRequests.push(message));
  }

  async #listen(socket: Dealer | Subscriber, receive: (message: Message) => void): Promise<void> {
    for await (const frames of socket) {
      receive(decode(frames as Buffer[], this.connection.key));
      this.#wake();
    }
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  /** Waits until `look` finds something. Fails when the kernel is dead, or after a very long time. */
  async until<T>(look: () => T | undefined | false, what = "an answer"): Promise<T> {
    const deadline = Date.now() + 50_000;
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        throw new Error(`the kernel ended while the test waited for ${what}; its log:\n${this.log}`);
      }
      if (Date.now() > deadline) throw new Error(`no ${what} after 50 s; the kernel's log:\n${this.log}`);
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        new Promise<void>((resolve) => this.#waiters.push(resolve)),
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, 1000);
        }),
      ]);
      clearTimeout(timer);
    }
  }

  /** Sends a message without waiting; returns its id. */
  send(type: string, content: Json, channel: Channel = "shell", parent: Message["parent"] = {}): string {
    const msg_id = randomUUID();
    const header = {
      msg_id,
      session: this.session,
      username: "test",
      date: new Date().toISOString(),
      msg_type: type,
      version: "5.3",
    };
    const message: Message = { identities: [], header, parent, metadata: {}, content, buffers: [] };
    this.#sockets[channel].send(encode(message, this.connection.key));
    return msg_id;
  }

  /** Sends frames as they are, for messages that a decent front end would not send. */
  sendRaw(frames: (string | Uint8Array)[], channel: Channel = "shell"): Promise<void> {
    return this.#sockets[channel].send(frames);
  }

  async request(type: string, content: Json, channel: Channel = "shell"): Promise<Answer> {
    return this.answer(this.send(type, content, channel));
  }

  /** Waits for the reply to a request and for the `idle` that ends it. */
  async answer(id: string): Promise<Answer> {
    const reply = await this.until(() => this.#replies.find(({ parent }) => parent.msg_id === id), "a reply");
    if (this.published.length > 0) await this.until(() => this.of(id).some(isIdle), "the status idle");
    return { reply, published: this.of(id) };
  }

  /** What was published for a request so far. */
  of(id: string): Message[] {
    return this.published.filter(({ parent }) => parent.msg_id === id);
  }

  execute(code: string, options: Json = {}): Promise<Answer> {
    return this.answer(this.executeLater(code, options));
  }

  executeLater(code: string, options: Json = {}): string {
    return this.send("execute_request", {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
      ...options,
    });
  }

  /** Waits until a running cell has printed `text`. */
  async printed(id: string, text: string, name = "stdout"): Promise<void> {
    await this.until(() => stream(this.of(id), name).includes(text), `the text ${JSON.stringify(text)}`);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = once(this.process, "exit");
      this.send("shutdown_request", { restart: false }, "control");
      await ended;
    }
    for (const socket of [...Object.values(this.#sockets), this.#iopub]) socket.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** All that was printed to one stream. */
export function stream(messages: Message[], name = "stdout"): string {
  return messages
    .filter(({ header, content }) => header.msg_type === "stream" && content["name"] === name)
    .map(({ content }) => content["text"])
    .join("");
}

/** The contents of all messages of one type. */
export function contents(messages: Message[], type: string): Json[] {
  return messages.filter(({ header }) => header.msg_type === type).map(({ content }) => content);
}

/** The text of the result of a cell, undefined when it has none. */
export function result(answer: Answer): unknown {
  const [content] = contents(answer.published, "execute_result");
  return (content?.["data"] as Json | undefined)?.["text/plain"];
}

function isIdle(message: Message): boolean {
  return message.header.msg_type === "status" && message.content["execution_state"] === "idle";
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
