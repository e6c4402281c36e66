/** Fields by their number in the message's definition; lists are repeated fields; undefined ones are left out. */
export type Message = Readonly<Record<number, Value | readonly Value[] | undefined>>;

/** Whole numbers ≥ 0, text, bytes and messages. */
export type Value = number | string | Uint8Array | { readonly message: Message };

/** How a field is laid out on the wire. */
const [VARINT, LENGTH] = [0, 2];

/**
 * The bytes of a Protocol Buffers message: each field as its key (number · 8 + layout) and its value. Only what ONNX files
 * need: no groups, no fixed numbers, no negative varints, nothing packed.
 * Source: protobuf.dev, "Encoding".
 */
export function encodeMessage(message: Message): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [key, field] of Object.entries(message)) {
    if (field === undefined) continue;
    const values = Array.isArray(field) ? (field as readonly Value[]) : [field as Value];
    for (const value of values) parts.push(...encodeField(Number(key), value));
  }
  return concat(parts);
}

function encodeField(number: number, value: Value): Uint8Array[] {
  const key = (layout: number) => varint(number * 8 + layout);
  if (typeof value === "number") return [key(VARINT), varint(value)];
  const bytes =
    typeof value === "string"
      ? new TextEncoder().encode(value)
      : value instanceof Uint8Array
        ? value
        : encodeMessage(value.message);
  return [key(LENGTH), varint(bytes.length), bytes];
}

/** Seven bits a byte, least significant first; the top bit says that more follow. Exact up to 2⁵³. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const part of parts) {
    all.set(part, position);
    position += part.length;
  }
  return all;
}
