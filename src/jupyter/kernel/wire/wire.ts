/**
 * Jupyter's wire format: a message is a list of frames
 * `[identity…, "<IDS|MSG>", signature, header, parent header, metadata, content, buffer…]`,
 * signed with HMAC-SHA256 over the four JSON frames. Nothing here knows a socket.
 *
 * Source: https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
 */
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { UnrolledError } from "../../../errors.ts";

/** The version of the messaging protocol that the kernel speaks. */
export const PROTOCOL_VERSION = "5.3";

const DELIMITER = Buffer.from("<IDS|MSG>");
const SCHEME = "hmac-sha256";

/** Any JSON object: contents, metadata, MIME bundles. */
export type Json = Record<string, unknown>;

export interface Header {
  msg_id: string;
  session: string;
  username: string;
  date: string;
  msg_type: string;
  version: string;
}

export interface Message {
  /** ZeroMQ's routing prefix: who asked, so that the reply finds its way back. */
  identities: Uint8Array[];
  header: Header;
  parent: Header | Record<string, never>;
  metadata: Json;
  content: Json;
  buffers: Uint8Array[];
}

/** What the front end writes into the connection file. */
export interface ConnectionInfo {
  transport: string;
  ip: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
  key: string;
  signature_scheme: string;
}

/** A message that is not for us: no delimiter, a wrong signature, no JSON. It is dropped, as the protocol asks. */
export class WireError extends UnrolledError {}

/** Checks the content of a connection file. @throws {WireError} naming what is missing or not understood. */
export function parseConnectionInfo(text: string, file: string): ConnectionInfo {
  let info: ConnectionInfo;
  try {
    info = JSON.parse(text);
  } catch (cause) {
    throw new WireError(`connection file ${file}: not JSON (${(cause as Error).message})`, { cause });
  }
  for (const port of ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"] as const) {
    if (!Number.isInteger(info[port]))
      throw new WireError(`connection file ${file}: "${port}" must be a port number`);
  }
  info.transport ??= "tcp";
  info.ip ??= "127.0.0.1";
  info.key ??= "";
  info.signature_scheme ??= SCHEME;
  if (info.key !== "" && info.signature_scheme !== SCHEME) {
    throw new WireError(
      `connection file ${file}: signature scheme "${info.signature_scheme}" is not supported, only "${SCHEME}"`,
    );
  }
  return info;
}

/** The address to bind for a port: `tcp://127.0.0.1:5555`, or for `ipc` a path with the port as suffix. */
export function address(info: ConnectionInfo, port: number): string {
  return info.transport === "ipc" ? `ipc://${info.ip}-${port}` : `${info.transport}://${info.ip}:${port}`;
}

/** A header for a new message of one session. */
export function newHeader(type: string, session: string, username = "kernel"): Header {
  return {
    msg_id: randomUUID(),
    session,
    username,
    date: new Date().toISOString(),
    msg_type: type,
    version: PROTOCOL_VERSION,
  };
}

export function encode(message: Message, key: string): Uint8Array[] {
  const parts = [message.header, message.parent, message.metadata, message.content].map((part) =>
    Buffer.from(JSON.stringify(part)),
  );
  return [...message.identities, DELIMITER, Buffer.from(sign(parts, key)), ...parts, ...message.buffers];
}

/** @throws {WireError} for frames that are no message, or that were not signed with `key`. */
export function decode(frames: readonly Buffer[], key: string): Message {
  const at = frames.findIndex((frame) => frame.equals(DELIMITER));
  if (at < 0) throw new WireError("message without the <IDS|MSG> delimiter");
  if (frames.length < at + 6)
    throw new WireError(`message with ${frames.length - at - 1} frames, at least 5 needed`);
  const parts = frames.slice(at + 2, at + 6);
  const expected = Buffer.from(sign(parts, key));
  const found = frames[at + 1];
  if (key !== "" && (found.length !== expected.length || !timingSafeEqual(found, expected))) {
    throw new WireError("message with a wrong signature");
  }
  const [header, parent, metadata, content] = parts.map((part) => {
    try {
      return JSON.parse(part.toString());
    } catch (cause) {
      throw new WireError(`message with a part that is not JSON (${(cause as Error).message})`, { cause });
    }
  });
  if (typeof header?.msg_type !== "string") throw new WireError("message whose header has no msg_type");
  return {
    identities: frames.slice(0, at),
    header,
    parent,
    metadata,
    content,
    buffers: frames.slice(at + 6),
  };
}

function sign(parts: readonly Uint8Array[], key: string): string {
  if (key === "") return "";
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}
