/** What the main thread and the wire thread say to each other. */
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
export type Incoming = { kind: "request"; request: Request } | { kind: "shutdown" };

/** To the wire thread. `parent` is the header of the request that a message belongs to. */
export type Outgoing =
  | { kind: "publish"; type: string; parent: Header | null; content: Json; metadata?: Json }
  | { kind: "stream"; name: StreamName; parent: Header | null; text: string }
  | { kind: "reply"; request: Pick<Request, "channel" | "identities" | "header">; type: string; content: Json }
  /** Send everything at once, then count `flushed` up: the process is about to end. */
  | { kind: "flush" };

export type StreamName = "stdout" | "stderr";

/** What the wire thread is started with; the port comes with it. */
export interface WireThreadOptions {
  connection: ConnectionInfo;
  memory: SharedArrayBuffer;
  /** The content of every kernel_info_reply. */
  kernelInfo: Json;
}
