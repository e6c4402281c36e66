import assert from "node:assert/strict";
import { Generator, gradcheck, ops, type Tensor, tensor } from "../golden/core.ts";

/**
 * 1,000 fresh random expressions against finite differences. UNROLLED_TEST_SEED repeats a run; without it every run is
 * another. Values are reused often, so that accumulation, views and broadcasting mix.
 */
const COUNT = 1000;

type Op = (g: Generator, values: Tensor[]) => Tensor | undefined;
const pick = (g: Generator, values: Tensor[]) => g.choice(values);
/** Two values whose shapes broadcast. */
const pair = (g: Generator, values: Tensor[]): [Tensor, Tensor] | undefined => {
  const a = pick(g, values);
  const fits = values.filter((b) => {
    const n = Math.max(a.ndim, b.ndim);
    return Array.from({ length: n }, (_, i) => [
      a.shape[a.ndim - 1 - i] ?? 1,
      b.shape[b.ndim - 1 - i] ?? 1,
    ]).every(([x, y]) => x === y || x === 1 || y === 1);
  });
  return fits.length > 0 ? [a, g.choice(fits)] : undefined;
};
const unary =
  (f: (x: Tensor) => Tensor): Op =>
  (g, values) =>
    f(pick(g, values));
const binary =
  (f: (a: Tensor, b: Tensor) => Tensor): Op =>
  (g, values) => {
    const found = pair(g, values);
    return found && f(...found);
  };
const dimOf = (g: Generator, x: Tensor) => g.int(2 * x.ndim) - x.ndim;

const choices: Record<string, Op> = {
  tanh: unary((x) => x.tanh()),
  sigmoid: unary((x) => x.sigmoid()),
  softplus: unary((x) => x.softplus()),
  square: unary((x) => x.tanh().square()),
  exp: unary((x) => x.tanh().exp()),
  log: unary((x) => x.square().add(0.5).log()),
  sqrt: unary((x) => x.square().add(0.5).sqrt()),
  neg: unary((x) => x.neg()),
  add: binary((a, b) => a.add(b)),
  sub: binary((a, b) => a.sub(b)),
  mul: binary((a, b) => a.tanh().mul(b)),
  div: binary((a, b) => a.div(b.square().add(0.7))),
  where: (g, values) => {
    const found = pair(g, values);
    const [a, b] = found ?? [];
    return a && b && ops.where(ops.gt(tensor(g.normal(), { dtype: "float64" }), 0), a, b);
  },
  sum: (g, v) =>
    ((x) => (x.ndim > 0 ? x.sum({ dim: dimOf(g, x), keepdim: g.int(2) === 0 }) : x.sum()))(pick(g, v)),
  mean: (g, v) => ((x) => (x.ndim > 0 ? x.mean({ dim: dimOf(g, x), keepdim: true }) : x.mean()))(pick(g, v)),
  logsumexp: (g, v) => ((x) => (x.ndim > 0 ? x.logsumexp({ dim: dimOf(g, x) }) : undefined))(pick(g, v)),
  softmax: (g, v) => ((x) => (x.ndim > 0 ? x.softmax(dimOf(g, x)) : undefined))(pick(g, v)),
  logSoftmax: (g, v) => ((x) => (x.ndim > 0 ? x.logSoftmax(dimOf(g, x)) : undefined))(pick(g, v)),
  matmul: (g, v) => {
    const a = pick(
      g,
      v.filter((x) => x.ndim === 2),
    );
    const b = v.filter((x) => x.ndim >= 1 && x.ndim <= 2 && x.shape[0] === a.shape[1]);
    return b.length > 0 ? a.matmul(g.choice(b)).tanh() : a.t();
  },
  transpose: (g, v) => ((x) => (x.ndim >= 2 ? x.transpose(0, dimOf(g, x)) : undefined))(pick(g, v)),
  reshape: unary((x) => x.reshape([-1])),
  slice: (g, v) => ((x) => (x.ndim > 0 ? x.slice([g.int(x.shape[0]), null]) : undefined))(pick(g, v)),
  flip: (g, v) => ((x) => (x.ndim > 0 ? x.flip([dimOf(g, x)]) : undefined))(pick(g, v)),
  cat: (g, v) => ((x) => (x.ndim > 0 ? ops.cat([x, x.tanh(), x], dimOf(g, x)) : undefined))(pick(g, v)),
  unbind: (g, v) => ((x) => (x.ndim > 0 ? g.choice(x.unbind(dimOf(g, x))) : undefined))(pick(g, v)),
  unsqueeze: (g, v) => ((x) => (x.ndim < 3 ? x.unsqueeze(g.int(x.ndim + 1)) : undefined))(pick(g, v)),
  expand: unary((x) => x.unsqueeze(0).expand([2, ...x.shape])),
};

/** Three leaves, a few steps drawn from `g`, and the sum of the squares of the last values. */
function program(g: Generator): { f: (...leaves: Tensor[]) => Tensor; leaves: Tensor[]; steps: string[] } {
  const draw = (shape: number[]) => {
    const data = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => g.uniform(-1.5, 1.5));
    return tensor(data).reshape(shape);
  };
  const leaves = [draw([2, 3]), draw([3, 2]), draw([3])];
  const names = Object.keys(choices);
  const steps = Array.from({ length: 3 + g.int(7) }, () => g.choice(names));
  const plan = g.fork("plan");
  const f = (...inputs: Tensor[]): Tensor => {
    const same = Generator.fromState(plan.state()); // every evaluation makes the same choices
    const values = [...inputs];
    for (const name of steps) {
      const value = choices[name](same, values);
      if (value && value.size > 0 && value.size < 60 && value.ndim <= 3) values.push(value);
    }
    return values
      .slice(-4)
      .reduce<Tensor>((sum, v) => sum.add(v.square().mean()), tensor(0, { dtype: "float64" }));
  };
  return { f, leaves, steps };
}

describe("random graphs", function () {
  this.timeout(120_000);

  it(`${COUNT.toLocaleString("en")} programs agree with finite differences`, () => {
    const seed = process.env.UNROLLED_TEST_SEED ?? String(Date.now());
    let checked = 0;
    for (let k = 0; k < COUNT; k++) {
      const { f, leaves, steps } = program(new Generator(`${seed}/${k}`));
      try {
        checked += gradcheck(f, leaves, { atol: 1e-6, rtol: 1e-6 }).checked;
      } catch (error) {
        throw new Error(
          `UNROLLED_TEST_SEED=${seed}, program ${k} (${steps.join(", ")}): ${(error as Error).message}`,
        );
      }
    }
    assert.equal(checked, COUNT * 15);
  });
});
