// W1 and W2 in @jax-js/jax on its WebAssembly backend: the whole step jitted, T steps unrolled (0.1.25 has no scan).
// Every use of an array but the last takes a `.ref`: this library counts references.
import { defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { measure, oneHot, randomIds, uniform } from "./measure.mjs";

const [workload, seconds] = process.argv.slice(2);
await init("wasm");
defaultDevice("wasm");

const array = (data, shape) => np.array(data).reshape(shape);
const column = (x, from, to) => x.slice([], [from, to]);

function charRNN() {
  const [V, H, T] = [65, 100, 25];
  const scale = 1 / Math.sqrt(H);
  let p = {
    Wx: array(uniform(V * H, scale), [V, H]),
    Wh: array(uniform(H * H, scale), [H, H]),
    b: array(uniform(H, scale), [H]),
    Wo: array(uniform(H * V, scale), [H, V]),
    bo: array(uniform(V, scale), [V]),
  };
  let sums = Object.fromEntries(Object.entries(p).map(([name, w]) => [name, np.zerosLike(w.ref)]));
  let h = np.zeros([1, H]);
  const x = array(oneHot(randomIds(T, V), V), [T, V]);
  const y = array(oneHot(randomIds(T, V), V), [T, V]);

  const loss = (p, x, y, h) => {
    const gx = np.matmul(x, p.Wx).add(p.b);
    const outputs = [];
    for (let t = 0; t < T; t++) {
      h = np.tanh(gx.ref.slice([t, t + 1]).add(np.matmul(h, p.Wh.ref)));
      outputs.push(h.ref);
    }
    gx.dispose();
    p.Wh.dispose();
    const logits = np.matmul(np.concatenate(outputs), p.Wo).add(p.bo);
    return [nn.logSoftmax(logits).mul(y).sum().neg(), h];
  };
  const train = jit((p, sums, x, y, h) => {
    const [[value, last], grads] = valueAndGrad(loss, { hasAux: true })(p_(p), x, y, h);
    const next = {};
    const nextSums = {};
    for (const name of Object.keys(grads)) {
      const g = np.clip(grads[name], -5, 5);
      const s = sums[name].add(g.ref.mul(g.ref));
      nextSums[name] = s.ref;
      next[name] = p[name].sub(g.mul(0.1).div(np.sqrt(s).add(1e-10)));
    }
    return [value, next, nextSums, last];
  });
  const step = async () => {
    const [value, next, nextSums, last] = train(p, sums, x.ref, y.ref, h);
    [p, sums, h] = [next, nextSums, last];
    return (await value.jsAsync()) / T;
  };
  return { step, tokens: T };
}

/** The same arrays once more. */
function p_(p) {
  return Object.fromEntries(Object.entries(p).map(([name, w]) => [name, w.ref]));
}

function lstm() {
  const [V, E, H, B, T] = [65, 64, 256, 32, 64];
  const scale = 1 / Math.sqrt(H);
  let p = {
    embedding: array(uniform(V * E, 1), [V, E]),
    Wx: array(uniform(E * 4 * H, scale), [E, 4 * H]),
    Wh: array(uniform(H * 4 * H, scale), [H, 4 * H]),
    b: array(uniform(4 * H, scale), [4 * H]),
    Wo: array(uniform(H * V, scale), [H, V]),
    bo: array(uniform(V, scale), [V]),
  };
  const zeros = () => Object.fromEntries(Object.entries(p).map(([name, w]) => [name, np.zerosLike(w.ref)]));
  let [m, v] = [zeros(), zeros()];
  let [h, c] = [np.zeros([B, H]), np.zeros([B, H])];
  const x = array(oneHot(randomIds(T * B, V), V), [T * B, V]);
  const y = array(oneHot(randomIds(T * B, V), V), [T * B, V]);
  let t = 0;

  const loss = (p, x, y, h, c) => {
    const gx = np.matmul(np.matmul(x, p.embedding), p.Wx).add(p.b);
    const outputs = [];
    for (let t = 0; t < T; t++) {
      const a = gx.ref.slice([t * B, (t + 1) * B]).add(np.matmul(h, p.Wh.ref));
      const i = nn.sigmoid(column(a.ref, 0, H));
      const f = nn.sigmoid(column(a.ref, H, 2 * H));
      const g = np.tanh(column(a.ref, 2 * H, 3 * H));
      const o = nn.sigmoid(column(a, 3 * H, 4 * H));
      c = f.mul(c).add(i.mul(g));
      h = o.mul(np.tanh(c.ref));
      outputs.push(h.ref);
    }
    gx.dispose();
    p.Wh.dispose();
    const logits = np.matmul(np.concatenate(outputs), p.Wo).add(p.bo);
    return [
      nn
        .logSoftmax(logits)
        .mul(y)
        .sum()
        .mul(-1 / (T * B)),
      [h, c],
    ];
  };
  const train = jit((p, m, v, x, y, h, c, mScale, vScale) => {
    const [[value, state], grads] = valueAndGrad(loss, { hasAux: true })(p_(p), x, y, h, c);
    const squares = Object.values(grads).map((g) => g.ref.mul(g.ref).sum());
    const norm = np.sqrt(squares.reduce((a, b) => a.add(b)));
    const clip = np.minimum(np.array(1), np.array(5).div(norm.add(1e-6)));
    const [next, nextM, nextV] = [{}, {}, {}];
    for (const name of Object.keys(grads)) {
      const g = grads[name].mul(clip.ref);
      const m1 = m[name].mul(0.9).add(g.ref.mul(0.1));
      const v1 = v[name].mul(0.999).add(g.ref.mul(g).mul(0.001));
      nextM[name] = m1.ref;
      nextV[name] = v1.ref;
      next[name] = p[name].sub(
        m1
          .mul(mScale.ref)
          .mul(1e-3)
          .div(np.sqrt(v1.mul(vScale.ref)).add(1e-8)),
      );
    }
    clip.dispose();
    mScale.dispose();
    vScale.dispose();
    return [value, next, nextM, nextV, state];
  });
  const step = async () => {
    t++;
    const [mScale, vScale] = [np.array(1 / (1 - 0.9 ** t)), np.array(1 / (1 - 0.999 ** t))];
    const [value, ...rest] = train(p, m, v, x.ref, y.ref, h, c, mScale, vScale);
    [p, m, v, [h, c]] = rest;
    return await value.jsAsync();
  };
  return { step, tokens: T * B };
}

const { step, tokens } = { W1: charRNN, W2: lstm }[workload]();
await measure({
  workload,
  kernels: "@jax-js/jax wasm",
  fingerprint: "@jax-js/jax",
  tokens,
  step,
  seconds: Number(seconds),
});
process.exit(0);
