import { ops, Tensor } from "../golden/core.ts";

/** A call of an op as the golden files write it. */
export type Attrs = Record<string, unknown>;
type Call = (x: Tensor[], attrs: never) => Tensor | Tensor[];

interface Dim {
  dim: number;
}
interface Value {
  value: number;
}

const unaryNames = [
  "neg",
  "abs",
  "exp",
  "log",
  "sqrt",
  "square",
  "tanh",
  "sigmoid",
  "relu",
  "softplus",
  "logSigmoid",
] as const;
const binaryNames = [
  "add",
  "sub",
  "mul",
  "div",
  "pow",
  "maximum",
  "minimum",
  "gt",
  "ge",
  "lt",
  "eq",
  "matmul",
  "bmm",
  "dot",
  "outer",
] as const;
const reduceNames = ["sum", "mean", "amax", "amin", "argmax", "logsumexp", "std"] as const;

/** The golden files' names → calls of the library. */
export const calls: Record<string, Call> = {
  ...Object.fromEntries(unaryNames.map((name): [string, Call] => [name, ([x]) => ops[name](x)])),
  ...Object.fromEntries(binaryNames.map((name): [string, Call] => [name, ([a, b]) => ops[name](a, b)])),
  ...Object.fromEntries(
    reduceNames.map((name): [string, Call] => [name, ([x], attrs) => ops[name](x, attrs)]),
  ),
  var: ([x], attrs) => ops.variance(x, attrs),
  clamp: ([x], attrs) => ops.clamp(x, attrs),
  powScalar: ([x], { exponent }: { exponent: number }) => ops.pow(x, exponent),
  addScalar: ([x], { value }: Value) => ops.add(x, value),
  subScalar: ([x], { value }: Value) => ops.sub(x, value),
  mulScalar: ([x], { value }: Value) => ops.mul(x, value),
  divScalar: ([x], { value }: Value) => ops.div(x, value),
  rsubScalar: ([x], { value }: Value) => ops.sub(value, x),
  rdivScalar: ([x], { value }: Value) => ops.div(value, x),
  where: ([mask, a, b]) => ops.where(mask, a, b),
  maskedFill: ([x, mask], { value }: Value) => ops.maskedFill(x, mask, value),
  linear: ([x, weight, bias]) => ops.linear(x, weight, bias),
  softmax: ([x], { dim }: Dim) => ops.softmax(x, dim),
  logSoftmax: ([x], { dim }: Dim) => ops.logSoftmax(x, dim),
  crossEntropy: ([x, target, classWeight], attrs: Attrs) =>
    ops.crossEntropy(x, target, { ...attrs, classWeight }),
  nllLoss: ([x, target], attrs) => ops.nllLoss(x, target, attrs),
  mseLoss: ([x, target], attrs) => ops.mseLoss(x, target, attrs),
  l1Loss: ([x, target], attrs) => ops.l1Loss(x, target, attrs),
  bceWithLogits: ([x, target], attrs) => ops.bceWithLogits(x, target, attrs),
  embedding: ([weight, ids], attrs) => ops.embedding(weight, ids, attrs),
  oneHot: ([ids], { numClasses }: { numClasses: number }) => ops.oneHot(ids, numClasses),
  layerNorm: ([x, weight, bias], { normalizedShape, eps }: { normalizedShape: number[]; eps: number }) =>
    ops.layerNorm(x, normalizedShape, { weight, bias, eps }),
  reshape: ([x], { shape }: { shape: number[] }) => ops.reshape(x, shape),
  expand: ([x], { shape }: { shape: number[] }) => ops.expand(x, shape),
  permute: ([x], { dims }: { dims: number[] }) => ops.permute(x, dims),
  flip: ([x], { dims }: { dims: number[] }) => ops.flip(x, dims),
  transpose: ([x], { dim0, dim1 }: { dim0: number; dim1: number }) => ops.transpose(x, dim0, dim1),
  squeeze: ([x], { dim }: { dim?: number }) => ops.squeeze(x, dim),
  unsqueeze: ([x], { dim }: Dim) => ops.unsqueeze(x, dim),
  flatten: ([x]) => ops.flatten(x),
  slice: ([x], { ranges }: { ranges: ops.Range[] }) => ops.slice(x, ranges),
  select: ([x], { dim, index }: Dim & { index: number }) => ops.select(x, dim, index),
  narrow: ([x], { dim, start, length }: Dim & { start: number; length: number }) =>
    ops.narrow(x, dim, start, length),
  cat: (xs, { dim }: Dim) => ops.cat(xs, dim),
  stack: (xs, { dim }: Dim) => ops.stack(xs, dim),
  split: ([x], { size, dim }: Dim & { size: number }) => ops.split(x, size, dim),
  chunk: ([x], { chunks, dim }: Dim & { chunks: number }) => ops.chunk(x, chunks, dim),
  gather: ([x, index], { dim }: Dim) => ops.gather(x, dim, index),
  indexSelect: ([x, index], { dim }: Dim) => ops.indexSelect(x, dim, index),
};

/** Runs a call of a golden file; a single result as a list of one. */
export function callOp(op: string, inputs: Tensor[], attrs: Attrs = {}): Tensor[] {
  const call = calls[op];
  if (!call) throw new Error(`the golden files call "${op}", which test/ops/dispatch.ts does not know`);
  const result = call(inputs, attrs as never);
  return result instanceof Tensor ? [result] : result;
}
