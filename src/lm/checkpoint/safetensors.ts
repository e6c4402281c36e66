import { type DType, NDArray, sizeOf, type TypedArray } from "../../array/ndarray.ts";
import { Tensor } from "../../autograd/tensor.ts";
import { CheckpointError, describe, formatShape } from "../../errors.ts";

/**
 * The safetensors format (Hugging Face, 2022): 8 bytes little-endian length of the header, the header as JSON
 * `{ name: { dtype, shape, data_offsets: [begin, end] }, …, "__metadata__": { key: text } }`, then the data, row-major
 * and little-endian, without gap or overlap. It holds numbers and nothing that could be executed.
 */
export interface TensorFile {
  tensors: Map<string, Tensor>;
  metadata: Map<string, string>;
}

const MAX_HEADER = 100_000_000;
const CODES: Record<DType, string> = { float32: "F32", float64: "F64", int32: "I32" };
const DTYPES = new Map(Object.entries(CODES).map(([dtype, code]) => [code, dtype as DType]));
const BYTES: Record<DType, number> = { float32: 4, float64: 8, int32: 4 };

/** Tensors in their order, and texts by key → the bytes of a file. The same content gives the same bytes. */
export function encodeTensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
  const header: [string, unknown][] = [];
  if (metadata.size > 0) header.push(["__metadata__", Object.fromEntries(metadata)]);
  let end = 0;
  for (const [name, x] of tensors) {
    if (name === "__metadata__")
      throw new CheckpointError(
        'safetensors: a tensor cannot be called "__metadata__"; give it another name',
      );
    const begin = end;
    end += x.size * BYTES[x.dtype];
    header.push([name, { dtype: CODES[x.dtype], shape: x.shape, data_offsets: [begin, end] }]);
  }
  // Built by hand from its entries: as a property of an object the name `__proto__` would vanish.
  const json = `{${header.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
  const text = new TextEncoder().encode(json);
  const padded = Math.ceil(text.length / 8) * 8; // data aligned to 8 bytes, header filled with spaces
  const bytes = new Uint8Array(8 + padded + end).fill(0x20, 8, 8 + padded);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(text, 8);
  let at = 8 + padded;
  for (const x of tensors.values()) {
    bytes.set(littleEndian(x.data), at);
    at += x.size * BYTES[x.dtype];
  }
  return bytes;
}

/** @throws {CheckpointError} naming the file and what is wrong: cut short, trailing bytes, holes, overlaps, wrong sizes. */
export function decodeTensors(bytes: Uint8Array, what: string = "safetensors"): TensorFile {
  const fail = (problem: string): never => {
    throw new CheckpointError(`${what}: not a valid safetensors file: ${problem}`);
  };
  if (bytes.length < 8) fail(`${bytes.length} bytes are too few for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER))
    fail(
      `header length ${length} is over ${MAX_HEADER}${guess(bytes)}; give a file that was saved as safetensors`,
    );
  const start = 8 + Number(length);
  if (start > bytes.length)
    fail(`the header should end at byte ${start}, the file at ${bytes.length}: it is cut short`);
  const header = parseHeader(bytes.subarray(8, start), fail);
  const metadata = new Map<string, string>();
  const entries: { name: string; dtype: DType; shape: number[]; begin: number; end: number }[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") readMetadata(value, metadata, fail);
    else entries.push({ name, ...readEntry(name, value, fail) });
  }
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at)
      fail(`"${name}" begins at byte ${begin} of the data instead of ${at}: a hole or an overlap`);
    at = end;
  }
  if (start + at !== bytes.length)
    fail(`the data should end at byte ${start + at}, the file ends at ${bytes.length}`);
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    // A copy: it starts at a multiple of its element size, and a Buffer's own slice() would share memory.
    const data = new Uint8Array(bytes.subarray(start + begin, start + end)).buffer;
    tensors.set(name, new Tensor(new NDArray(fromLittleEndian(data, dtype), shape)));
  }
  return { tensors, metadata };
}

function parseHeader(bytes: Uint8Array, fail: (problem: string) => never): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    fail(`the header is not JSON in UTF-8 (${(error as Error).message})`);
  }
  if (typeof header !== "object" || header === null || Array.isArray(header))
    fail("the header is not a JSON object");
  return header as Record<string, unknown>;
}

function readMetadata(value: unknown, metadata: Map<string, string>, fail: (problem: string) => never): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    fail("__metadata__ is not an object");
  for (const [key, text] of Object.entries(value as object)) {
    if (typeof text !== "string") fail(`__metadata__ "${key}" is ${describe(text)}, not a text`);
    metadata.set(key, text);
  }
}

function readEntry(
  name: string,
  value: unknown,
  fail: (problem: string) => never,
): { dtype: DType; shape: number[]; begin: number; end: number } {
  const { dtype: code, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const dtype = DTYPES.get(String(code));
  if (!dtype)
    return fail(
      `"${name}" has dtype ${describe(code)}; known are ${[...DTYPES.keys()].join(", ")} (convert it before saving)`,
    );
  if (!isSizes(shape)) return fail(`"${name}" has no valid shape`);
  if (!isSizes(offsets) || offsets.length !== 2) return fail(`"${name}" has no valid data_offsets`);
  const [begin, end] = offsets;
  const need = sizeOf(shape) * BYTES[dtype];
  if (end - begin !== need)
    return fail(
      `"${name}" ${formatShape(shape)} ${code} needs ${need} bytes, its offsets give ${end - begin}`,
    );
  return { dtype, shape, begin, end };
}

function isSizes(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((n) => Number.isSafeInteger(n) && n >= 0) &&
    Number.isSafeInteger(sizeOf(value))
  );
}

/** What the file may be instead. */
function guess(bytes: Uint8Array): string {
  const head = String.fromCharCode(...bytes.subarray(0, 8));
  if (head.startsWith("PK"))
    return " (it looks like a zip file, perhaps of torch.save: save with safetensors.torch.save_file)";
  if (head.startsWith("\x80"))
    return " (it looks like a Python pickle: save with safetensors.torch.save_file)";
  if (head.startsWith("\x1f\x8b")) return " (it looks gzipped: unpack it first)";
  if (/^\s*</.test(head)) return " (it looks like an HTML page: the download went wrong)";
  return "";
}

const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function littleEndian(data: TypedArray): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return hostIsLittleEndian ? bytes : swapped(bytes, data.BYTES_PER_ELEMENT);
}

function fromLittleEndian(buffer: ArrayBuffer, dtype: DType): TypedArray {
  const bytes = hostIsLittleEndian
    ? buffer
    : (swapped(new Uint8Array(buffer), BYTES[dtype]).buffer as ArrayBuffer);
  if (dtype === "float32") return new Float32Array(bytes);
  return dtype === "float64" ? new Float64Array(bytes) : new Int32Array(bytes);
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const out = bytes.slice();
  for (let i = 0; i < out.length; i += size) out.subarray(i, i + size).reverse();
  return out;
}
