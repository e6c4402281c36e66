import type { DType } from "../array/ndarray.ts";
import { ids, zeros } from "../autograd/create.ts";
import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, expectNumber, expectOptions, expectShape, ShapeError } from "../errors.ts";
import * as expect from "../expect.ts";
import { embedRows } from "../fused/embedding.ts";
import { runSequence } from "../fused/sequence.ts";
import { fromIds, fromVectors, type Source } from "../fused/sources.ts";
import { where } from "../ops/elementwise.ts";
import { oneHot } from "../ops/indexing.ts";
import { linear } from "../ops/matmul.ts";
import { cat, select, slice, stack, transpose, unbind, unsqueeze } from "../ops/shape.ts";
import { Dropout } from "./dropout.ts";
import { parameter, uniform } from "./init.ts";
import type { LayerOptions } from "./linear.ts";
import { Module, type Parameter } from "./module.ts";
import type { CellKind, CellState, RecurrentWeights } from "./steps.ts";

/** Options of recurrent cells and layers. */
export interface RecurrentOptions extends LayerOptions {
  /** Two bias vectors per layer, as PyTorch (true), or none. */
  bias?: boolean;
  /** One node of the graph with a backward derived by hand (default), or (false) composed of ops; the sums are the same. */
  fused?: boolean;
}

/** Options of recurrent layers. */
export interface SequenceOptions extends RecurrentOptions {
  numLayers?: number;
  /** A second set of weights reads each sequence backwards; the outputs are joined. */
  bidirectional?: boolean;
  /** x and output are [B, T, ·] instead of [T, B, ·]. States are always [layers·directions, B, H]. */
  batchFirst?: boolean;
  /** Dropout on the outputs of every layer but the last. */
  dropout?: number;
}

/** U(±1/√H) for all weights and biases, as in PyTorch. */
export function makeWeights(
  kind: CellKind,
  inputSize: number,
  hiddenSize: number,
  options: RecurrentOptions,
): RecurrentWeights<Parameter> {
  const fill = uniform(options.generator, 1 / Math.sqrt(hiddenSize));
  const make = (...shape: number[]) => parameter([kind.gates * hiddenSize, ...shape], fill, options.dtype);
  const bias = options.bias ?? true;
  return {
    weightIh: make(inputSize),
    weightHh: make(hiddenSize),
    biasIh: bias ? make() : null,
    biasHh: bias ? make() : null,
  };
}

/** Options of a recurrent layer's `forward`. */
export interface ForwardOptions {
  /**
   * Real length of each sequence of a right-padded batch: outputs after it are 0, the final state is that of the last
   * real step, and the backward direction starts there.
   */
  lengths?: readonly number[];
}

/** A recurrent layer for whole sequences; RNN, LSTM and GRU differ only in their step. `S` is the state's type. */
export abstract class RecurrentModule<S extends Tensor | readonly Tensor[]> extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly directions: number;
  readonly batchFirst: boolean;
  readonly dropout: Dropout;
  /** As the option; can be switched at any time. */
  fused: boolean;
  readonly #kind: CellKind;
  readonly #dtype: DType;
  /** At layer·directions + direction, as in the states. */
  readonly #weights: RecurrentWeights[] = [];

  constructor(kind: CellKind, inputSize: number, hiddenSize: number, options: SequenceOptions) {
    super();
    const own = ["bias", "fused", "numLayers", "bidirectional", "batchFirst", "dropout", ...kind.options];
    expect.layer(kind.name, { inputSize, hiddenSize }, options, own);
    const { numLayers = 1, bidirectional = false, batchFirst = false, dropout = 0, generator } = options;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = expectNumber(numLayers, `nn.${kind.name}: numLayers`, { integer: true, min: 1 });
    this.directions = bidirectional ? 2 : 1;
    this.batchFirst = batchFirst;
    this.fused = options.fused ?? true;
    this.#kind = kind;
    this.#dtype = options.dtype ?? "float32";
    for (let i = 0; i < numLayers * this.directions; i++) {
      const layer = Math.floor(i / this.directions);
      const size = layer === 0 ? inputSize : hiddenSize * this.directions;
      const weights = makeWeights(kind, size, hiddenSize, options);
      this.#weights.push(weights);
      // Under PyTorch's names they are properties too, where Module finds them.
      const suffix = `L${layer}${i % this.directions === 1 ? "Reverse" : ""}`;
      for (const [name, p] of Object.entries(weights)) Object.assign(this, p && { [name + suffix]: p });
    }
    // A stream of its own, different for each layer that is made with the same generator.
    const masks = dropout === 0 ? generator : generator.fork(`dropout ${generator.int(2 ** 32)}`);
    this.dropout = new Dropout(dropout, { generator: masks });
  }

  /** Weights of one layer and direction (1: the backward one). */
  weights(layer: number = 0, direction: number = 0): RecurrentWeights {
    const weights = direction < this.directions && this.#weights[layer * this.directions + direction];
    if (weights) return weights;
    throw new ArgumentError(`nn.${this.#kind.name}: there is no layer ${layer}, direction ${direction}`);
  }

  /**
   * x [T, B, in] (or [B, T, in] with batchFirst) → [output [T, B, directions·H], final state]. A state is h, or
   * [h, c] for an LSTM, each [layers·directions, B, H]; the initial one is zero where it is left out.
   */
  forward(x: Tensor, initial?: S | null, options: ForwardOptions = {}): [output: Tensor, state: S] {
    const order = this.batchFirst ? ["B", "T"] : ["T", "B"];
    expectShape(x?.shape, [...order, this.inputSize], `nn.${this.#kind.name} input`);
    return this.#run(this.#swapped(x), initial, options);
  }

  /**
   * `forward` on rows of a table, x = table[ids], for ids [T, B] ([B, T] with batchFirst) and a table [V, in]; or on
   * one-hot vectors (in = V) where the table is null. Where V < T·B its products are of V rows instead of T·B.
   * Every row that is looked up gets its gradient: the padding row of an `Embedding` is not known here.
   * @throws {IndexError} for an id outside 0 … V − 1.
   */
  forwardIds(
    ids: Tensor,
    table: Tensor | null,
    initial?: S | null,
    options: ForwardOptions = {},
  ): [output: Tensor, state: S] {
    const { weightIh } = this.weights();
    const source = this.fused && this.#kind.fused && fromIds(this.#swapped(ids), table, weightIh);
    if (source) return this.#run(source, initial, options);
    const x = table ? embedRows(table, ids) : oneHot(ids, this.inputSize, this.#dtype as "float32");
    return this.forward(x, initial, options);
  }

  /** Between the caller's order of the first two dimensions and that of time. */
  #swapped(x: Tensor): Tensor {
    return this.batchFirst ? transpose(x, 0, 1) : x;
  }

  #run(
    input: Tensor | Source,
    initial: S | null | undefined,
    options: ForwardOptions,
  ): [output: Tensor, state: S] {
    const { lengths } = expectOptions(options, ["lengths"], `nn.${this.#kind.name}.forward`);
    const { name } = this.#kind;
    const [T, B] = input instanceof Tensor ? input.shape : [input.T, input.B];
    if (T === 0) throw new ShapeError(`nn.${name}: the sequence is empty (T is 0): give at least one step`);
    const shape = [this.numLayers * this.directions, B, this.hiddenSize];
    const start = unpack(this.#kind, initial, shape, this.#dtype);
    if (lengths) expect.lengths(lengths, T, B, `nn.${name}`);
    const finals: CellState[] = [];
    let sequence = input;
    for (let layer = 0; layer < this.numLayers; layer++) {
      const outputs: Tensor[] = [];
      if (layer > 0) sequence = this.dropout.forward(sequence as Tensor);
      for (let direction = 0; direction < this.directions; direction++) {
        const which = finals.length;
        const from = shape[0] === 1 ? start : start.map((s) => slice(s, [[which, which + 1]]));
        const [output, ...final] = this.#scan(sequence, from, which, direction === 1, lengths);
        outputs.push(output);
        finals.push(final);
      }
      sequence = outputs.length === 1 ? outputs[0] : cat(outputs, 2);
    }
    const parts = start.map((_, k) => finals.map((final) => final[k]));
    const state = parts.map((part) => (part.length === 1 ? part[0] : cat(part, 0)));
    return [this.#swapped(sequence as Tensor), pack<S>(state)];
  }

  /** One layer in one direction over [T, B, in] → outputs [T, B, H], then the final state; states are [1, B, H]. */
  #scan(
    x: Tensor | Source,
    initial: CellState,
    which: number,
    backwards: boolean,
    lengths?: readonly number[],
  ): Tensor[] {
    const weights = this.#weights[which];
    const recurrence = this.#kind.fused;
    if (recurrence && this.fused && initial[0].size > 0) {
      const source = x instanceof Tensor ? fromVectors(x) : x;
      return runSequence({ recurrence, source, initial, weights, backwards, lengths });
    }
    // The input's share of all steps is one large product; only the recurrent one must go step by step.
    const gx = unbind(linear(x as Tensor, weights.weightIh, weights.biasIh));
    const outputs = new Array<Tensor>(gx.length);
    let state: CellState = initial.map((s) => select(s, 0, 0));
    for (let k = 0; k < gx.length; k++) {
      const t = backwards ? gx.length - 1 - k : k;
      const before = state;
      state = this.#kind.step(gx[t], before, weights);
      outputs[t] = state[0];
      if (lengths) {
        const real = ids(lengths.map((n) => [t < n ? 1 : 0])); // [B, 1]
        outputs[t] = where(real, state[0], 0);
        state = state.map((s, i) => where(real, s, before[i]));
      }
    }
    return [stack(outputs), ...state.map((s) => unsqueeze(s, 0))];
  }
}

/**
 * What the caller gives as state → its tensors; zeros where nothing is given.
 * @throws {ArgumentError} for the wrong number of tensors, {ShapeError} for another shape, naming both.
 */
export function unpack(
  { name, states }: CellKind,
  given: Tensor | readonly Tensor[] | null | undefined,
  shape: readonly number[],
  dtype: DType,
): CellState {
  if (!given) return Array.from({ length: states }, () => zeros(shape, { dtype }));
  const state = given instanceof Tensor ? [given] : given;
  expect.states(state, states, `nn.${name}`);
  for (const s of state) expectShape(s?.shape, shape, `nn.${name} state`);
  return state;
}

/** The tensors of a state as the caller gets them: h, or [h, c]. */
export function pack<S>(state: CellState): S {
  return (state.length === 1 ? state[0] : [...state]) as S;
}
