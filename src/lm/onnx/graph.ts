import type { Message, Value } from "./protobuf.ts";

/** Numbers of fields and of types, from the definition of the format (onnx.proto, ONNX 1.14). */
const TENSOR = { dims: 1, dataType: 2, name: 8, rawData: 9 };
const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5 };
const ATTRIBUTE = { name: 1, i: 3, strings: 9, type: 20 };
const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 };
const MODEL = { irVersion: 1, producerName: 2, graph: 7, opsetImport: 8, metadata: 14 };
const TYPES = { int: 2, strings: 8 };
export const FLOAT32 = 1;
export const INT32 = 6;
const INT64 = 7;
const DOUBLE = 11;

/** Operators of this version of the standard set; files of it are read by every runtime since 2022. */
const OPSET = 17;
const IR_VERSION = 8;

export type Attribute = number | readonly string[];

/** A dimension: a size, or the name of one that is free. */
export type Dimension = number | string;

/** A computation under construction, written out as an ONNX file. */
export class OnnxGraph {
  readonly #nodes: Value[] = [];
  readonly #initializers: Value[] = [];
  readonly #inputs: Value[] = [];
  readonly #outputs: Value[] = [];

  input(name: string, type: number, shape: readonly Dimension[]): string {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  output(name: string, type: number, shape: readonly Dimension[]): void {
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** Constant numbers; little-endian, as the format wants them and every machine we run on has them. */
  constant(name: string, data: Float32Array | Float64Array | Int32Array, shape: readonly number[]): string {
    const type = data instanceof Float32Array ? FLOAT32 : data instanceof Float64Array ? DOUBLE : INT32;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#initializers.push(tensor(name, type, shape, bytes));
    return name;
  }

  /** A list of 64-bit whole numbers, as operators want their axes. */
  axes(name: string, values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    this.#initializers.push(tensor(name, INT64, [values.length], new Uint8Array(data.buffer)));
    return name;
  }

  /** An empty name stands for an input or output that is left out. */
  node(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): void {
    this.#nodes.push({
      message: {
        [NODE.input]: inputs,
        [NODE.output]: outputs,
        [NODE.name]: `${opType}_${this.#nodes.length}`,
        [NODE.opType]: opType,
        [NODE.attribute]: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      },
    });
  }

  toModel(name: string, metadata: Readonly<Record<string, string>>): Message {
    return {
      [MODEL.irVersion]: IR_VERSION,
      [MODEL.producerName]: "unrolled",
      [MODEL.graph]: {
        message: {
          [GRAPH.node]: this.#nodes,
          [GRAPH.name]: name,
          [GRAPH.initializer]: this.#initializers,
          [GRAPH.input]: this.#inputs,
          [GRAPH.output]: this.#outputs,
        },
      },
      [MODEL.opsetImport]: { message: { 2: OPSET } },
      [MODEL.metadata]: Object.entries(metadata).map(([key, value]) => ({ message: { 1: key, 2: value } })),
    };
  }
}

function attribute(name: string, value: Attribute): Value {
  const field =
    typeof value === "number"
      ? { [ATTRIBUTE.i]: value, [ATTRIBUTE.type]: TYPES.int }
      : { [ATTRIBUTE.strings]: value, [ATTRIBUTE.type]: TYPES.strings };
  return { message: { [ATTRIBUTE.name]: name, ...field } };
}

function tensor(name: string, type: number, shape: readonly number[], bytes: Uint8Array): Value {
  return {
    message: {
      [TENSOR.dims]: shape,
      [TENSOR.dataType]: type,
      [TENSOR.name]: name,
      [TENSOR.rawData]: bytes,
    },
  };
}

function valueInfo(name: string, type: number, shape: readonly Dimension[]): Value {
  const dims = shape.map((dim) => ({ message: typeof dim === "number" ? { 1: dim } : { 2: dim } }));
  const tensorType = { message: { 1: type, 2: { message: { 1: dims } } } };
  return { message: { 1: name, 2: { message: { 1: tensorType } } } };
}
