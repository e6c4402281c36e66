import { writeFileAtomic } from "#platform";
import type { Tensor } from "../../autograd/tensor.ts";
import { ArgumentError } from "../../errors.ts";
import * as expect from "../../expect.ts";
import type { RecurrentWeights } from "../../nn/steps.ts";
import { RecurrentLM } from "../neural/recurrent-lm.ts";
import { FLOAT32, INT32, OnnxGraph } from "./graph.ts";
import { encodeMessage } from "./protobuf.ts";

/** The operator of each kind of cell, and which of our blocks of H rows its blocks are, in its order. */
const CELLS = {
  rnn: { op: "RNN", blocks: [0] },
  // ours i f g o → i o f c
  lstm: { op: "LSTM", blocks: [0, 3, 1, 2] },
  // ours r z n → z r h
  gru: { op: "GRU", blocks: [1, 0, 2] },
} as const;

const ACTIVATIONS = { tanh: "Tanh", relu: "Relu", sigmoid: "Sigmoid" } as const;

/**
 * A RecurrentLM as an ONNX file (operator set 17), for inference elsewhere: no dropout, the state explicit.
 *
 * Inputs: ids [T, B] int32, h [layers, B, H] (and c for an LSTM) float32. Outputs: logits [T, B, V], newH (and newC).
 * The vocabulary is in the metadata, as JSON under "unrolled.vocabulary".
 * @throws {ArgumentError} for a float64 model: runtimes have recurrent operators for float32 only.
 */
export function toOnnx(model: RecurrentLM): Uint8Array {
  expect.instance(model, RecurrentLM, "toOnnx: the model", "other models cannot be exported");
  if (model.config["dtype"] === "float64") {
    throw new ArgumentError(
      "toOnnx: the model is float64; ONNX runtimes have recurrent operators for float32 only",
    );
  }
  const { rnn, vocabulary } = model;
  const layers = rnn.numLayers;
  const H = rnn.hiddenSize;
  const state = ["layers", "B", H].map((dim) => (dim === "layers" ? layers : dim));
  const graph = new OnnxGraph();
  graph.input("ids", INT32, ["T", "B"]);
  const names = model.cell === "lstm" ? ["h", "c"] : ["h"];
  for (const name of names) {
    graph.input(name, FLOAT32, state);
    graph.node("Split", [name], pieces(name, layers), { axis: 0 });
  }
  graph.axes("directions", [1]);
  graph.node("Gather", [embeddingTable(graph, model), "ids"], ["x0"]);
  for (let layer = 0; layer < layers; layer++) addLayer(graph, model, layer, names);
  for (const name of names) {
    graph.node("Concat", pieces(`new${name.toUpperCase()}`, layers), [`new${name.toUpperCase()}`], {
      axis: 0,
    });
  }
  const { weight, bias } = model.output;
  graph.constant("outputWeight", transposed(weight), [H, vocabulary.size]);
  graph.node("MatMul", [`x${layers}`, "outputWeight"], [bias ? "product" : "logits"]);
  if (bias) {
    graph.constant("outputBias", floats(bias), [vocabulary.size]);
    graph.node("Add", ["product", "outputBias"], ["logits"]);
  }
  graph.output("logits", FLOAT32, ["T", "B", vocabulary.size]);
  for (const name of names) graph.output(`new${name.toUpperCase()}`, FLOAT32, state);
  const metadata = { "unrolled.vocabulary": JSON.stringify(vocabulary.tokens) };
  return encodeMessage(graph.toModel(`RecurrentLM_${model.cell}`, metadata));
}

/** `toOnnx` into a file, the whole file or nothing. */
export function saveOnnx(path: string, model: RecurrentLM): void {
  writeFileAtomic(path, toOnnx(model));
}

/** "h.0", "h.1" … */
function pieces(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${name}.${i}`);
}

/** One-hot vectors are the rows of the identity. */
function embeddingTable(graph: OnnxGraph, { embedding, vocabulary }: RecurrentLM): string {
  if (embedding) return graph.constant("embedding", floats(embedding.weight), embedding.weight.shape);
  const V = vocabulary.size;
  const identity = new Float32Array(V * V);
  for (let i = 0; i < V; i++) identity[i * V + i] = 1;
  return graph.constant("embedding", identity, [V, V]);
}

function addLayer(graph: OnnxGraph, model: RecurrentLM, layer: number, names: readonly string[]): void {
  const { op, blocks } = CELLS[model.cell];
  const weights: RecurrentWeights = model.rnn.weights(layer);
  const H = model.rnn.hiddenSize;
  const G = blocks.length * H;
  const constant = (name: string, data: Float32Array, shape: number[]) =>
    graph.constant(`${name}.${layer}`, data, shape);
  const W = constant("W", permuted(weights.weightIh, blocks, H), [1, G, weights.weightIh.shape[1]]);
  const R = constant("R", permuted(weights.weightHh, blocks, H), [1, G, H]);
  const zeros = new Float32Array(G);
  const bias = new Float32Array(2 * G);
  bias.set(weights.biasIh ? permuted(weights.biasIh, blocks, H) : zeros);
  bias.set(weights.biasHh ? permuted(weights.biasHh, blocks, H) : zeros, G);
  const B = constant("B", bias, [1, 2 * G]);
  const output = names.map((name) => `new${name.toUpperCase()}.${layer}`);
  graph.node(
    op,
    [`x${layer}`, W, R, B, "", ...names.map((name) => `${name}.${layer}`)],
    [`y${layer}`, ...output],
    {
      hidden_size: H,
      ...(model.cell === "gru" ? { linear_before_reset: model.config["resetAfter"] === false ? 0 : 1 } : {}),
      ...(model.cell === "rnn"
        ? { activations: [ACTIVATIONS[(model.config["nonlinearity"] ?? "tanh") as keyof typeof ACTIVATIONS]] }
        : {}),
    },
  );
  // y has a dimension for directions, of which there is one.
  graph.node("Squeeze", [`y${layer}`, "directions"], [`x${layer + 1}`]);
}

function floats(p: Tensor): Float32Array {
  return Float32Array.from(p.data);
}

/** Blocks of H rows in another order. */
function permuted(p: Tensor, blocks: readonly number[], H: number): Float32Array {
  const data = floats(p);
  const size = H * (p.shape[1] ?? 1);
  const out = new Float32Array(data.length);
  blocks.forEach((from, to) => {
    out.set(data.subarray(from * size, (from + 1) * size), to * size);
  });
  return out;
}

function transposed(p: Tensor): Float32Array {
  const [rows, cols] = p.shape;
  const data = p.data;
  return Float32Array.from({ length: rows * cols }, (_, i) => data[(i % rows) * cols + Math.floor(i / rows)]);
}
