import type { TensorMethods } from "../autograd/methods.ts";
import { Tensor } from "../autograd/tensor.ts";
import { formatShape, ShapeError } from "../errors.ts";
import * as elementwise from "./elementwise.ts";
import * as indexing from "./indexing.ts";
import * as matrix from "./matmul.ts";
import * as reduce from "./reduce.ts";
import * as shape from "./shape.ts";

/** `x.name(…)` = `name(x, …)`. */
function delegate<A extends unknown[], R>(op: (x: Tensor, ...args: A) => R): (this: Tensor, ...args: A) => R {
  return function (this: Tensor, ...args: A) {
    return op(this, ...args);
  };
}

const methods = {
  add: delegate(elementwise.add),
  sub: delegate(elementwise.sub),
  mul: delegate(elementwise.mul),
  div: delegate(elementwise.div),
  pow: delegate(elementwise.pow),
  maximum: delegate(elementwise.maximum),
  minimum: delegate(elementwise.minimum),
  gt: delegate(elementwise.gt),
  ge: delegate(elementwise.ge),
  lt: delegate(elementwise.lt),
  le: delegate(elementwise.le),
  eq: delegate(elementwise.eq),
  ne: delegate(elementwise.ne),
  neg: delegate(elementwise.neg),
  abs: delegate(elementwise.abs),
  exp: delegate(elementwise.exp),
  log: delegate(elementwise.log),
  sqrt: delegate(elementwise.sqrt),
  square: delegate(elementwise.square),
  tanh: delegate(elementwise.tanh),
  sigmoid: delegate(elementwise.sigmoid),
  relu: delegate(elementwise.relu),
  softplus: delegate(elementwise.softplus),
  logSigmoid: delegate(elementwise.logSigmoid),
  clamp: delegate(elementwise.clamp),
  maskedFill: delegate(elementwise.maskedFill),
  sum: delegate(reduce.sum),
  mean: delegate(reduce.mean),
  amax: delegate(reduce.amax),
  amin: delegate(reduce.amin),
  argmax: delegate(reduce.argmax),
  logsumexp: delegate(reduce.logsumexp),
  var: delegate(reduce.variance),
  std: delegate(reduce.std),
  softmax: delegate(reduce.softmax),
  logSoftmax: delegate(reduce.logSoftmax),
  matmul: delegate(matrix.matmul),
  dot: delegate(matrix.dot),
  outer: delegate(matrix.outer),
  reshape: delegate(shape.reshape),
  permute: delegate(shape.permute),
  transpose: delegate(shape.transpose),
  t: delegate((x: Tensor) => {
    if (x.ndim !== 2)
      throw new ShapeError(`t: needs a matrix, got shape ${formatShape(x.shape)}; use transpose or permute`);
    return shape.transpose(x, 0, 1);
  }),
  expand: delegate(shape.expand),
  slice: delegate((x: Tensor, ...ranges: shape.Range[]) => shape.slice(x, ranges)),
  select: delegate(shape.select),
  narrow: delegate(shape.narrow),
  squeeze: delegate(shape.squeeze),
  unsqueeze: delegate(shape.unsqueeze),
  flatten: delegate(shape.flatten),
  split: delegate(shape.split),
  chunk: delegate(shape.chunk),
  unbind: delegate(shape.unbind),
  flip: delegate(shape.flip),
  gather: delegate(indexing.gather),
  indexSelect: delegate(indexing.indexSelect),
} satisfies TensorMethods & ThisType<Tensor>;

for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}
