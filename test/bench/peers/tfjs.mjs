// W1 and W2 in TensorFlow.js on its WebAssembly backend (SIMD): gradients by tf.variableGrads, T steps unrolled.
import { createRequire } from "node:module";
import path from "node:path";
import * as tf from "@tensorflow/tfjs";
import * as wasm from "@tensorflow/tfjs-backend-wasm";
import { measure, oneHot, randomIds, uniform } from "./measure.mjs";

const [workload, seconds] = process.argv.slice(2);
const main = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
wasm.setWasmPaths(`${path.dirname(main)}${path.sep}`);
await tf.setBackend("wasm");
await tf.ready();

const variable = (shape, scale) =>
  tf.variable(tf.tensor(uniform(tf.util.sizeFromShape(shape), scale), shape));
const zerosLike = (variables) => variables.map((w) => tf.variable(tf.zerosLike(w)));

function charRNN() {
  const [V, H, T] = [65, 100, 25];
  const scale = 1 / Math.sqrt(H);
  const shapes = [[V, H], [H, H], [H], [H, V], [V]];
  const variables = shapes.map((shape) => variable(shape, scale));
  const [Wx, Wh, b, Wo, bo] = variables;
  const sums = zerosLike(variables);
  const x = tf.tensor2d(oneHot(randomIds(T, V), V), [T, V]);
  const y = tf.tensor2d(oneHot(randomIds(T, V), V), [T, V]);
  const state = tf.variable(tf.zeros([1, H]), false);
  const loss = () => {
    const inputs = tf.split(tf.add(tf.matMul(x, Wx), b), T);
    let h = state;
    const outputs = inputs.map((gx) => {
      h = tf.tanh(tf.add(gx, tf.matMul(h, Wh)));
      return h;
    });
    state.assign(h.clone());
    const logits = tf.add(tf.matMul(tf.concat(outputs), Wo), bo);
    return tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), y)));
  };
  const step = async () => {
    const value = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(loss, variables);
      variables.forEach((w, i) => {
        const g = tf.clipByValue(grads[w.name], -5, 5);
        sums[i].assign(tf.add(sums[i], tf.square(g)));
        w.assign(tf.sub(w, tf.div(tf.mul(g, 0.1), tf.add(tf.sqrt(sums[i]), 1e-10))));
      });
      return value;
    });
    const [nll] = await value.data();
    value.dispose();
    return nll / T;
  };
  return { step, tokens: T };
}

function lstm() {
  const [V, E, H, B, T] = [65, 64, 256, 32, 64];
  const scale = 1 / Math.sqrt(H);
  const shapes = [[V, E], [E, 4 * H], [H, 4 * H], [4 * H], [H, V], [V]];
  const variables = shapes.map((shape) => variable(shape, scale));
  const [embedding, Wx, Wh, b, Wo, bo] = variables;
  const [m, v] = [zerosLike(variables), zerosLike(variables)];
  const x = tf.tensor2d(oneHot(randomIds(T * B, V), V), [T * B, V]);
  const y = tf.tensor2d(oneHot(randomIds(T * B, V), V), [T * B, V]);
  const [h0, c0] = [tf.variable(tf.zeros([B, H]), false), tf.variable(tf.zeros([B, H]), false)];
  const loss = () => {
    const inputs = tf.split(tf.add(tf.matMul(tf.matMul(x, embedding), Wx), b), T);
    let [h, c] = [h0, c0];
    const outputs = inputs.map((gx) => {
      const [i, f, g, o] = tf.split(tf.add(gx, tf.matMul(h, Wh)), 4, 1);
      c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
      h = tf.mul(tf.sigmoid(o), tf.tanh(c));
      return h;
    });
    h0.assign(h.clone());
    c0.assign(c.clone());
    const logits = tf.add(tf.matMul(tf.concat(outputs), Wo), bo);
    return tf.div(tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), y))), T * B);
  };
  let t = 0;
  const step = async () => {
    t++;
    const value = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(loss, variables);
      const norm = tf.sqrt(tf.addN(variables.map((w) => tf.sum(tf.square(grads[w.name])))));
      const clip = tf.minimum(1, tf.div(5, tf.add(norm, 1e-6)));
      const rate = 1e-3 / (1 - 0.9 ** t);
      variables.forEach((w, i) => {
        const g = tf.mul(grads[w.name], clip);
        m[i].assign(tf.add(tf.mul(m[i], 0.9), tf.mul(g, 0.1)));
        v[i].assign(tf.add(tf.mul(v[i], 0.999), tf.mul(tf.square(g), 0.001)));
        const spread = tf.add(tf.sqrt(tf.div(v[i], 1 - 0.999 ** t)), 1e-8);
        w.assign(tf.sub(w, tf.div(tf.mul(m[i], rate), spread)));
      });
      return value;
    });
    const [nll] = await value.data();
    value.dispose();
    return nll;
  };
  return { step, tokens: T * B };
}

const { step, tokens } = { W1: charRNN, W2: lstm }[workload]();
await measure({
  workload,
  kernels: "tfjs wasm",
  fingerprint: `tfjs ${tf.version["tfjs-core"]}`,
  tokens,
  step,
  seconds: Number(seconds),
});
process.exit(0);
