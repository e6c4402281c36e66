/**
 * Messages of the Jupyter protocol 5.3 and how they look on a ZeroMQ wire.
 * Source: jupyter-client.readthedocs.io, "Messaging in Jupyter", section "The Wire Protocol".
 */
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { UnrolledError } from "../../errors.ts";

/** The version written into the headers we make. Kernels that speak 5.4 or 5.5 understand it. */
export const PROTOCOL_VERSION = "5.3";

export type Channel = "shell" | "control" | "stdin" | "iopub";

export interface MessageHeader {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  /** ISO 8601. */
  date: string;
  version: string;
  /** Protocol 5.5; kernels without subshells ignore it. */
  subshell_id?: string | null;
}

/** A JSON object whose fields nobody has checked yet. */
export type JsonObject = Record<string, unknown>;

export interface JupyterMessage<Content extends object = JsonObject> {
  channel: Channel;
  header: MessageHeader;
  /** The header of the request that caused this message, or `{}`. */
  parent_header: Partial<MessageHeader>;
  metadata: JsonObject;
  content: Content;
  /** Binary attachments. The signature does not cover them. */
  buffers: Uint8Array[];
  /** The four JSON frames as they arrived, for relaying a message without changing a byte. */
  parts?: readonly Uint8Array[];
}

/** Frames that are no Jupyter message, or one with a wrong signature. */
export class MessageError extends UnrolledError {}

const DELIMITER = Buffer.from("<IDS|MSG>");
/** Header, parent header, metadata and content: what the signature covers. */
const SIGNED_FRAMES = 4;

/** One client's identity and key: makes, signs, checks and takes apart messages. */
export class Session {
  readonly id: string;
  readonly username: string;
  readonly #key: string;

  /** @param options.key shared secret of the connection file; empty means that messages are not signed. */
  constructor(options: { key: string; id?: string; username?: string }) {
    this.id = options.id ?? randomUUID();
    this.username = options.username ?? "unrolled";
    this.#key = options.key;
  }

  /** A new message with a header of its own. */
  message<Content extends object>(
    type: string,
    content: Content,
    options: {
      channel?: Channel;
      parent?: Partial<MessageHeader>;
      metadata?: JsonObject;
      buffers?: Uint8Array[];
    } = {},
  ): JupyterMessage<Content> {
    return {
      channel: options.channel ?? "shell",
      header: {
        msg_id: randomUUID(),
        msg_type: type,
        session: this.id,
        username: this.username,
        date: new Date().toISOString(),
        version: PROTOCOL_VERSION,
      },
      parent_header: options.parent ?? {},
      metadata: options.metadata ?? {},
      content,
      buffers: options.buffers ?? [],
    };
  }

  /** HMAC-SHA256 over the four JSON frames, in hexadecimal digits; empty without a key. */
  sign(parts: readonly Uint8Array[]): string {
    if (this.#key === "") return "";
    const hmac = createHmac("sha256", this.#key);
    for (const part of parts.slice(0, SIGNED_FRAMES)) hmac.update(part);
    return hmac.digest("hex");
  }

  /**
   * The frames of a message: delimiter, signature, four JSON frames, buffers.
   * @throws {MessageError} for what JSON cannot say: a BigInt, an object that holds itself.
   */
  serialize(message: JupyterMessage<object>): Uint8Array[] {
    const { header, parent_header, metadata, content, buffers } = message;
    const json = [header, parent_header, metadata, content].map((part, i) =>
      encode(header.msg_type, part, i),
    );
    return this.frame([...json, ...buffers]);
  }

  /** Signs JSON frames (and buffers) that are already encoded, as a WebSocket client sends them. */
  frame(parts: readonly Uint8Array[]): Uint8Array[] {
    if (parts.length < SIGNED_FRAMES) {
      throw new MessageError(`Jupyter message: ${parts.length} parts, at least ${SIGNED_FRAMES} are needed`);
    }
    return [DELIMITER, Buffer.from(this.sign(parts)), ...parts];
  }

  /**
   * The opposite of `serialize`; routing prefixes and the topic before the delimiter are skipped.
   * @throws {MessageError} when frames are missing, the signature is wrong or a part is not a JSON object.
   */
  parse(channel: Channel, frames: readonly Uint8Array[]): JupyterMessage {
    const start = frames.findIndex((frame) => DELIMITER.equals(frame));
    if (start < 0) throw new MessageError(`${channel} message without the delimiter ${DELIMITER}`);
    const parts = frames.slice(start + 2, start + 2 + SIGNED_FRAMES);
    if (parts.length < SIGNED_FRAMES) {
      throw new MessageError(`${channel} message cut short: ${parts.length} of ${SIGNED_FRAMES} JSON frames`);
    }
    const want = Buffer.from(this.sign(parts));
    const got = frames[start + 1];
    if (got.length !== want.length || !timingSafeEqual(got, want)) {
      throw new MessageError(`${channel} message with a wrong signature: it does not come from our kernel`);
    }
    const [header, parent_header, metadata, content] = parts.map((part, i) => parseObject(channel, part, i));
    for (const field of ["msg_id", "msg_type"]) {
      if (typeof header[field] !== "string") {
        throw new MessageError(`${channel} message whose header has no ${field}`);
      }
    }
    return {
      channel,
      header: header as unknown as MessageHeader,
      parent_header: parent_header as Partial<MessageHeader>,
      metadata,
      content,
      buffers: frames.slice(start + 2 + SIGNED_FRAMES),
      parts,
    };
  }
}

const PARTS = ["header", "parent_header", "metadata", "content"] as const;

function encode(type: string, part: object, index: number): Buffer {
  try {
    return Buffer.from(JSON.stringify(part));
  } catch (error) {
    const what = `the ${PARTS[index].replace("_", " ")} of ${type}`;
    throw new MessageError(`${what} must be JSON: ${(error as Error).message.split("\n")[0]}`, {
      cause: error,
    });
  }
}

function parseObject(channel: Channel, part: Uint8Array, index: number): JsonObject {
  const what = PARTS[index];
  const text = Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new MessageError(`${channel} message: its ${what} is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MessageError(`${channel} message: its ${what} is not a JSON object`);
  }
  return value as JsonObject;
}
