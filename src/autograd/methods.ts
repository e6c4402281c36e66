import type { ReduceOptions } from "../array/reduce.ts";
import type { Range } from "../array/shape.ts";
import type { Tensor } from "./tensor.ts";

type Like = Tensor | number;

/** The ops as methods: each only calls the function of the same name in `ops`, with the tensor as first argument. */
export interface TensorMethods {
  add(other: Like): Tensor;
  sub(other: Like): Tensor;
  mul(other: Like): Tensor;
  div(other: Like): Tensor;
  pow(exponent: Like): Tensor;
  maximum(other: Like): Tensor;
  minimum(other: Like): Tensor;
  gt(other: Like): Tensor;
  ge(other: Like): Tensor;
  lt(other: Like): Tensor;
  le(other: Like): Tensor;
  eq(other: Like): Tensor;
  ne(other: Like): Tensor;
  neg(): Tensor;
  abs(): Tensor;
  exp(): Tensor;
  log(): Tensor;
  sqrt(): Tensor;
  square(): Tensor;
  tanh(): Tensor;
  sigmoid(): Tensor;
  relu(): Tensor;
  softplus(): Tensor;
  logSigmoid(): Tensor;
  clamp(limits: { min?: number; max?: number }): Tensor;
  maskedFill(mask: Tensor, value: number): Tensor;
  sum(options?: ReduceOptions): Tensor;
  mean(options?: ReduceOptions): Tensor;
  amax(options?: ReduceOptions): Tensor;
  amin(options?: ReduceOptions): Tensor;
  argmax(options?: { dim?: number; keepdim?: boolean }): Tensor;
  logsumexp(options?: ReduceOptions): Tensor;
  var(options?: ReduceOptions & { unbiased?: boolean }): Tensor;
  std(options?: ReduceOptions & { unbiased?: boolean }): Tensor;
  softmax(dim: number): Tensor;
  logSoftmax(dim: number): Tensor;
  matmul(other: Tensor): Tensor;
  dot(other: Tensor): Tensor;
  outer(other: Tensor): Tensor;
  reshape(shape: readonly number[]): Tensor;
  permute(dims: readonly number[]): Tensor;
  transpose(dim0: number, dim1: number): Tensor;
  /** The transpose of a matrix. */
  t(): Tensor;
  expand(shape: readonly number[]): Tensor;
  slice(...ranges: Range[]): Tensor;
  select(dim: number, index: number): Tensor;
  narrow(dim: number, start: number, length: number): Tensor;
  squeeze(dim?: number): Tensor;
  unsqueeze(dim: number): Tensor;
  flatten(startDim?: number, endDim?: number): Tensor;
  split(size: number | readonly number[], dim?: number): Tensor[];
  chunk(chunks: number, dim?: number): Tensor[];
  unbind(dim?: number): Tensor[];
  flip(dims: readonly number[]): Tensor;
  gather(dim: number, index: Tensor): Tensor;
  indexSelect(dim: number, index: Tensor): Tensor;
}
