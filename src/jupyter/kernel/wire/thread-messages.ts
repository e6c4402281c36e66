/** What the main thread and the wire thread say to each other. */
import type { MessagePort } from "node:worker_threads";
import type { ConnectionInfo, Header, Json } from "./wire.ts";

/** A request as the main thread sees it. `sequence` counts the shell's requests in order of arrival, from 1. */
export interface Request {
  channel: "shell" | "stdin";
  sequence: number;
  identities: Uint8Array[];
  header: Header;
  content: Json;
}

/** To the main thread. */
export type Incoming =
  | { kind: "request"; request: Request }
  | { kind: "shutdown" }
  | { kind: "ping" }
  /** The cell with this number does not end by itself. */
  | { kind: "giveUp"; cell: number };

/** What goes out on a socket. `parent` is the header of the request that it belongs to. */
export type Sendable =
  | { kind: "publish"; type: string; parent: Header | null; content: Json; metadata?: Json }
  | { kind: "stream"; name: StreamName; parent: Header | null; text: string }
  | { kind: "reply"; to: Address; type: string; content: Json };

/** To the wire thread: what to send, or "send everything at once, close the sockets, set `closed`: the process ends". */
export type Outgoing = Sendable | { kind: "close" };

/** Where a reply goes. */
export interface Address {
  channel: "shell" | "control" | "stdin";
  identities: Uint8Array[];
  header: Header;
}

export type StreamName = "stdout" | "stderr";

/** What the wire thread is started with. */
export interface WireThreadOptions {
  connection: ConnectionInfo;
  port: MessagePort;
  memory: SharedArrayBuffer;
  /** The content of every kernel_info_reply. */
  kernelInfo: Json;
}
