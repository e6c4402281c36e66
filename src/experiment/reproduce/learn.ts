import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { writeFileAtomic } from "#platform";
import { TrainingError } from "../../errors.ts";
import { Generator, type GeneratorState, type nn, type optim, type Tensor } from "../../index.ts";
import type { CurvePoint } from "./types.ts";

export interface LearnOptions {
  module: nn.Module;
  optimizer: optim.Optimizer;
  /** The loss of a fresh batch, drawn from the generator. */
  lossOf(generator: Generator): Tensor;
  /** What is drawn over the steps; called every `measureEvery` steps. */
  measure(): number;
  measureEvery: number;
  /** The learning rate of a step, as a share of the first. */
  rate?(step: number): number;
  steps: number;
  seed: number;
  clipNorm: number;
  out?: string;
  signal?: AbortSignal;
  onProgress?(step: number, loss: number): void;
}

type OptimizerSlot = NonNullable<optim.OptimizerState["slots"][number]>;

const FILE = "state.json";
const SAVE_EVERY_MS = 30_000;

/** All that a training goes on from, in one file: one move replaces it. */
interface Saved {
  step: number;
  generator: GeneratorState;
  curve: CurvePoint[];
  seconds: number;
  weights: string[];
  slots: ({ step: number } & Record<string, string | number>)[];
}

/**
 * Trains on batches drawn for each step, for tasks that are no corpus. With a folder it saves now and then, and goes on
 * from there. @returns null if it was interrupted. @throws {TrainingError} if the loss is not finite.
 */
export async function learn(options: LearnOptions): Promise<{ curve: CurvePoint[]; seconds: number } | null> {
  const { module, optimizer, lossOf, measure, measureEvery, rate, steps, seed, clipNorm, out, signal } =
    options;
  const state = new State(options);
  const baseRate = optimizer.lr;
  const generator = state.generator ?? new Generator(seed).fork("batches");
  const { curve } = state;
  let begun = performance.now();
  let saved = begun;
  const pass = () => {
    const now = performance.now();
    state.seconds += (now - begun) / 1000;
    begun = now;
  };
  for (let step = state.step + 1; step <= steps; step++) {
    if (rate) optimizer.lr = baseRate * rate(step);
    module.train();
    optimizer.zeroGrad();
    const loss = lossOf(generator);
    const value = loss.item();
    if (!Number.isFinite(value)) {
      throw new TrainingError(`step ${step}: the loss is ${value}. Try a smaller learning rate or clipNorm`);
    }
    loss.backward();
    optimizer.step({ clipNorm });
    state.step = step;
    if (step % measureEvery === 0) {
      module.eval();
      curve.push({ x: step, y: measure() });
    }
    if (step % 20 === 0) {
      options.onProgress?.(step, value);
      await nextTurn();
    }
    const due = performance.now() - saved > SAVE_EVERY_MS;
    if (out !== undefined && (due || signal?.aborted || step === steps)) {
      pass();
      state.save(generator);
      saved = performance.now();
    }
    if (signal?.aborted) return null;
  }
  pass();
  return { curve, seconds: state.seconds };
}

class State {
  step = 0;
  seconds = 0;
  curve: CurvePoint[] = [];
  generator: Generator | null = null;
  readonly #file: string | undefined;
  readonly #parameters: nn.Parameter[];
  readonly #optimizer: optim.Optimizer;

  constructor({ module, optimizer, out }: LearnOptions) {
    this.#parameters = module.parameters();
    this.#optimizer = optimizer;
    if (out === undefined) return;
    mkdirSync(out, { recursive: true });
    this.#file = path.join(out, FILE);
    if (existsSync(this.#file)) this.#load(JSON.parse(readFileSync(this.#file, "utf8")) as Saved);
  }

  save(generator: Generator): void {
    const { step, seconds, curve } = this;
    const slots = this.#optimizer.stateDict().slots.map((slot) => {
      const entries = Object.entries(slot ?? { step: 0 });
      return Object.fromEntries(entries.map(([k, v]) => [k, typeof v === "number" ? v : encode(v)]));
    });
    const weights = this.#parameters.map((p) => encode(p.data));
    const all = { step, generator: generator.state(), curve, seconds, weights, slots };
    writeFileAtomic(this.#file!, JSON.stringify(all));
  }

  #load({ step, generator, curve, seconds, weights, slots }: Saved): void {
    this.step = step;
    this.seconds = seconds;
    this.curve = curve;
    this.generator = Generator.fromState(generator);
    this.#parameters.forEach((p, i) => {
      p.changeData((data) => data.set(new Float32Array(decode(weights[i]))));
    });
    const read = (value: string | number) =>
      typeof value === "number" ? value : new Float32Array(decode(value));
    this.#optimizer.loadStateDict({
      ...this.#optimizer.stateDict(),
      slots: slots.map(
        (slot) => Object.fromEntries(Object.entries(slot).map(([k, v]) => [k, read(v)])) as OptimizerSlot,
      ),
    });
  }
}

function encode(data: { buffer: ArrayBufferLike; byteOffset: number; byteLength: number }): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
}

function decode(text: string): ArrayBuffer {
  const bytes = Buffer.from(text, "base64");
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
