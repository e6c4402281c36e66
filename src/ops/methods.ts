import { Tensor } from "../autograd/tensor.ts";
import { formatShape, ShapeError } from "../errors.ts";
import * as ops from "./index.ts";

function attach(name: string, value: (this: Tensor, ...args: never[]) => unknown): void {
  Object.defineProperty(value, "name", { value: name }); // stacks and profiles say Tensor.matmul
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}

const { cat, stack, slice, variance, ...others } = ops;
for (const [name, op] of Object.entries(others)) {
  attach(name, function (...args) {
    return (op as (x: Tensor, ...args: never[]) => unknown)(this, ...args);
  });
}

attach("slice", function (...ranges: ops.Range[]) {
  return slice(this, ranges);
});
attach("var", function (options?: ops.VarianceOptions) {
  return variance(this, options);
});
attach("t", function () {
  if (this.ndim === 2) return ops.transpose(this, 0, 1);
  throw new ShapeError(`t: needs a matrix, got shape ${formatShape(this.shape)}; use transpose or permute`);
});
