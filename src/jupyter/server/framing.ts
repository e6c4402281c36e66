/**
 * Kernel messages on a WebSocket, in Jupyter Server's two forms ("WebSocket kernel wire protocols" in its
 * documentation): `v1.kernel.websocket.jupyter.org`, binary with 64-bit little-endian offsets, and the default
 * form, JSON text, or with buffers binary with 32-bit big-endian offsets.
 */
import { UnrolledError } from "../../errors.ts";
import type { Channel, JsonObject, JupyterMessage, MessageHeader } from "../client/message.ts";

export const v1Protocol = "v1.kernel.websocket.jupyter.org";

export type Protocol = typeof v1Protocol | "";

/** A WebSocket message that is no kernel message. */
export class FramingError extends UnrolledError {}

type Encodable = Omit<JupyterMessage<object>, "parts"> & { parts?: readonly Uint8Array[] };

/** The bytes or text that carry a message to the browser. */
export function encodeMessage(message: Encodable, protocol: Protocol): Uint8Array | string {
  if (protocol === v1Protocol) {
    return withOffsets64([Buffer.from(message.channel), ...jsonParts(message), ...message.buffers]);
  }
  const { channel, header, parent_header, metadata, content, buffers } = message;
  const { msg_id, msg_type } = header;
  const json = JSON.stringify({
    channel,
    msg_id,
    msg_type,
    header,
    parent_header,
    metadata,
    content,
    buffers: [],
  });
  return buffers.length === 0 ? json : withOffsets32([Buffer.from(json), ...buffers]);
}

/** The opposite. @throws {FramingError} for anything that is not a complete message. */
export function decodeMessage(data: Uint8Array, isBinary: boolean, protocol: Protocol): JupyterMessage {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (protocol === v1Protocol) {
    if (!isBinary) throw new FramingError(`a text frame on a ${v1Protocol} connection`);
    const [channel, ...rest] = split(bytes, 8);
    if (rest.length < 4) throw new FramingError(`${rest.length + 1} parts, at least 5 are needed`);
    const parts = rest.slice(0, 4);
    const [header, parent_header, metadata, content] = parts.map(parseObject);
    return check({
      channel: channel.toString() as Channel,
      header: header as unknown as MessageHeader,
      parent_header,
      metadata,
      content,
      buffers: rest.slice(4),
      parts,
    });
  }
  const [json, ...buffers] = isBinary ? split(bytes, 4) : [bytes];
  const value = parseObject(json);
  const field = (name: string): JsonObject => (isObject(value[name]) ? value[name] : {});
  return check({
    // Old clients leave the channel out when they mean shell.
    channel: (value["channel"] ?? "shell") as Channel,
    header: field("header") as unknown as MessageHeader,
    parent_header: field("parent_header"),
    metadata: field("metadata"),
    content: field("content"),
    buffers,
  });
}

/** The four JSON parts: as they arrived from the kernel if they were not changed. */
function jsonParts(message: Encodable): readonly Uint8Array[] {
  if (message.parts) return message.parts;
  const { header, parent_header, metadata, content } = message;
  return [header, parent_header, metadata, content].map((part) => Buffer.from(JSON.stringify(part)));
}

function check(message: JupyterMessage): JupyterMessage {
  if (!["shell", "control", "stdin", "iopub"].includes(message.channel)) {
    throw new FramingError(`no such channel: ${JSON.stringify(message.channel)}`);
  }
  const { msg_id, msg_type, session } = message.header as Partial<MessageHeader>;
  if (typeof msg_id !== "string" || typeof msg_type !== "string" || typeof session !== "string") {
    throw new FramingError("the header lacks msg_id, msg_type or session");
  }
  return message;
}

/** Count of offsets, the offsets (each part's start, then the end), the parts. */
function withOffsets64(parts: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(8 * (parts.length + 2));
  head.writeBigUInt64LE(BigInt(parts.length + 1), 0);
  let offset = head.length;
  parts.forEach((part, i) => {
    head.writeBigUInt64LE(BigInt(offset), 8 * (i + 1));
    offset += part.byteLength;
  });
  head.writeBigUInt64LE(BigInt(offset), 8 * (parts.length + 1));
  return Buffer.concat([head, ...parts]);
}

/** Count of parts, each part's start, the parts; the last one goes to the end. */
function withOffsets32(parts: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(4 * (parts.length + 1));
  head.writeUInt32BE(parts.length, 0);
  let offset = head.length;
  parts.forEach((part, i) => {
    head.writeUInt32BE(offset, 4 * (i + 1));
    offset += part.byteLength;
  });
  return Buffer.concat([head, ...parts]);
}

/** Cuts a frame at its offsets, which are not trusted: they must rise and stay inside. */
function split(bytes: Buffer, width: 4 | 8): Buffer[] {
  const read = (at: number): number =>
    width === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32BE(at);
  if (bytes.length < width) throw new FramingError(`a frame of ${bytes.length} bytes`);
  const count = read(0);
  // A lying count must not make us reserve memory: it cannot be more than what there is room for.
  if (count < 1 || width * (count + 1) > bytes.length)
    throw new FramingError(`${count} offsets do not fit the frame`);
  const offsets = Array.from({ length: count }, (_, i) => read(width * (i + 1)));
  if (width === 4) offsets.push(bytes.length);
  const parts: Buffer[] = [];
  for (let i = 0; i + 1 < offsets.length; i++) {
    const [start, end] = [offsets[i], offsets[i + 1]];
    if (start < width * (count + 1) || end < start || end > bytes.length) {
      throw new FramingError(`offset ${i} points outside the frame`);
    }
    parts.push(bytes.subarray(start, end));
  }
  if (parts.length === 0) throw new FramingError("a frame without parts");
  return parts;
}

function parseObject(part: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString("utf8"));
  } catch (error) {
    throw new FramingError(`a part is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(value)) throw new FramingError("a part is not a JSON object");
  return value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
