/**
 * Reads and computes the ONNX files that `lm.toOnnx` writes, from the definition of the format and of its operators
 * (onnx.ai, operator set 17), in double precision and without a line of the library.
 */

export interface Array64 {
  shape: readonly number[];
  data: Float64Array;
}
interface Node {
  op: string;
  inputs: string[];
  outputs: string[];
  attributes: Map<string, number | string[]>;
}
export interface Model {
  nodes: Node[];
  constants: Map<string, Array64>;
  inputs: string[];
  outputs: string[];
  metadata: Map<string, string>;
  opset: number;
}

type Field = { number: number; value: bigint | Uint8Array };

function varint(bytes: Uint8Array, at: number): [value: bigint, next: number] {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = bytes[at++];
    if (byte === undefined) throw new Error("the message is cut short");
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return [value, at];
  }
}

function fields(bytes: Uint8Array): Field[] {
  const found: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [key, afterKey] = varint(bytes, at);
    const [value, next] = varint(bytes, afterKey);
    const number = Number(key >> 3n);
    if ((key & 7n) === 0n) {
      found.push({ number, value });
      at = next;
    } else if ((key & 7n) === 2n) {
      at = next + Number(value);
      if (at > bytes.length) throw new Error("a field is longer than its message");
      found.push({ number, value: bytes.subarray(next, at) });
    } else throw new Error(`layout ${key & 7n}`);
  }
  return found;
}

const all = (list: Field[], number: number) => list.filter((f) => f.number === number).map((f) => f.value);
const texts = (list: Field[], number: number) =>
  all(list, number).map((v) => new TextDecoder("utf-8", { fatal: true }).decode(v as Uint8Array));
const parts = (list: Field[], number: number) => all(list, number).map((v) => fields(v as Uint8Array));
const whole = (list: Field[], number: number) => all(list, number).map(Number);

export function readModel(bytes: Uint8Array): Model {
  const model = fields(bytes);
  const [graph] = parts(model, 7);
  const constants = parts(graph, 5).map((t): [string, Array64] => {
    const shape = whole(t, 1);
    const raw = new Uint8Array(all(t, 9)[0] as Uint8Array).buffer;
    const isFloat = whole(t, 2)[0] === 1; // else 64-bit whole numbers
    const data = isFloat
      ? Float64Array.from(new Float32Array(raw))
      : Float64Array.from(new BigInt64Array(raw), Number);
    if (data.length !== shape.reduce((n, size) => n * size, 1)) throw new Error(`${texts(t, 8)}: wrong size`);
    return [texts(t, 8)[0], { shape, data }];
  });
  return {
    nodes: parts(graph, 1).map((n) => ({
      op: texts(n, 4)[0],
      inputs: texts(n, 1),
      outputs: texts(n, 2),
      attributes: new Map(
        parts(n, 5).map((a) => [texts(a, 1)[0], whole(a, 20)[0] === 2 ? whole(a, 3)[0] : texts(a, 9)]),
      ),
    })),
    constants: new Map(constants),
    inputs: parts(graph, 11).map((v) => texts(v, 1)[0]),
    outputs: parts(graph, 12).map((v) => texts(v, 1)[0]),
    metadata: new Map(parts(model, 14).map((m) => [texts(m, 1)[0], texts(m, 2)[0]])),
    opset: whole(parts(model, 8)[0], 2)[0],
  };
}

/** x [rows, n] · wᵀ for the row `r` of w [·, n], plus b[r]. */
function affine(x: Float64Array, w: Float64Array, r: number, b: number): number {
  let sum = b;
  for (let i = 0; i < x.length; i++) sum += x[i] * w[r * x.length + i];
  return sum;
}

const sigma = (a: number) => 1 / (1 + Math.exp(-a));
const functions: Record<string, (a: number) => number> = {
  Tanh: Math.tanh,
  Relu: (a) => Math.max(0, a),
  Sigmoid: sigma,
};

/** One layer: the states of each sequence after every step. Rows of W, R and B: RNN i; LSTM i o f c; GRU z r h. */
function recurrent(node: Node, [x, W, R, B, , h0, c0]: (Array64 | undefined)[]): Array64[] {
  const [T, batch, I] = x!.shape;
  const H = node.attributes.get("hidden_size") as number;
  const gates = W!.shape[1] / H;
  const y = new Float64Array(T * batch * H);
  const h = h0!.data.slice();
  const c = c0?.data.slice();
  for (let t = 0; t < T; t++) {
    for (let b = 0; b < batch; b++) {
      const input = x!.data.subarray((t * batch + b) * I, (t * batch + b + 1) * I);
      const before = h.slice(b * H, (b + 1) * H);
      const ofInput = (g: number, j: number) => affine(input, W!.data, g * H + j, B!.data[g * H + j]);
      const ofState = (g: number, j: number, from = before) =>
        affine(from, R!.data, g * H + j, B!.data[(gates + g) * H + j]);
      const gate = (g: number, j: number) => sigma(ofInput(g, j) + ofState(g, j));
      for (let j = 0; j < H; j++) {
        const at = b * H + j;
        if (node.op === "RNN") {
          const [name] = node.attributes.get("activations") as string[];
          h[at] = functions[name](ofInput(0, j) + ofState(0, j));
        } else if (node.op === "LSTM") {
          c![at] = gate(2, j) * c![at] + gate(0, j) * Math.tanh(ofInput(3, j) + ofState(3, j));
          h[at] = gate(1, j) * Math.tanh(c![at]);
        } else {
          const reset = before.map((v, k) => gate(1, k) * v);
          const after = node.attributes.get("linear_before_reset") === 1;
          const n = Math.tanh(ofInput(2, j) + (after ? gate(1, j) * ofState(2, j) : ofState(2, j, reset)));
          h[at] = (1 - gate(0, j)) * n + gate(0, j) * before[j];
        }
      }
      y.set(h.subarray(b * H, (b + 1) * H), (t * batch + b) * H);
    }
  }
  const state = [1, batch, H];
  return [
    { shape: [T, 1, batch, H], data: y },
    { shape: state, data: h },
    ...(c ? [{ shape: state, data: c }] : []),
  ];
}

/** Runs the model; every name that a node reads must have been made before. */
export function runModel(model: Model, feeds: Record<string, Array64>): Map<string, Array64> {
  const values = new Map([...model.constants, ...Object.entries(feeds)]);
  const get = (name: string) => {
    const value = values.get(name);
    if (!value && name !== "") throw new Error(`"${name}" is read before it is made`);
    return value;
  };
  for (const node of model.nodes) {
    const inputs = node.inputs.map(get);
    const [a, b] = inputs as Array64[];
    let results: Array64[];
    if (node.op === "Gather") {
      const width = a.shape[1];
      const rows = Array.from(b.data, (id) => [...a.data.subarray(id * width, (id + 1) * width)]);
      results = [{ shape: [...b.shape, width], data: Float64Array.from(rows.flat()) }];
    } else if (node.op === "Split") {
      const size = a.data.length / node.outputs.length;
      const shape = [a.shape[0] / node.outputs.length, ...a.shape.slice(1)];
      results = node.outputs.map((_, i) => ({ shape, data: a.data.slice(i * size, (i + 1) * size) }));
    } else if (node.op === "Concat") {
      const list = inputs as Array64[];
      const shape = [list.reduce((n, x) => n + x.shape[0], 0), ...a.shape.slice(1)];
      results = [{ shape, data: Float64Array.from(list.flatMap((x) => [...x.data])) }];
    } else if (node.op === "Squeeze") {
      results = [{ shape: a.shape.filter((_, d) => !b.data.includes(d)), data: a.data }];
    } else if (node.op === "MatMul") {
      const [k, n] = b.shape;
      const data = new Float64Array((a.data.length / k) * n);
      for (let i = 0; i < data.length; i++) {
        for (let j = 0; j < k; j++) data[i] += a.data[Math.floor(i / n) * k + j] * b.data[j * n + (i % n)];
      }
      results = [{ shape: [...a.shape.slice(0, -1), n], data }];
    } else if (node.op === "Add") {
      results = [{ shape: a.shape, data: a.data.map((v, i) => v + b.data[i % b.data.length]) }];
    } else results = recurrent(node, inputs);
    for (const [i, name] of node.outputs.entries()) values.set(name, results[i]);
  }
  return new Map(model.outputs.map((name) => [name, get(name)!]));
}
