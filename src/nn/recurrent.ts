import type { DType } from "../array/ndarray.ts";
import { ids, zeros } from "../autograd/create.ts";
import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, expectNumber, expectShape, formatShape, ShapeError } from "../errors.ts";
import { where } from "../ops/elementwise.ts";
import { linear } from "../ops/matmul.ts";
import { cat, select, stack, transpose, unbind } from "../ops/shape.ts";
import { Dropout } from "./dropout.ts";
import { parameter, uniform } from "./init.ts";
import { expectLayer, type LayerOptions } from "./linear.ts";
import { Module, type Parameter } from "./module.ts";
import type { CellKind, CellState, RecurrentWeights } from "./steps.ts";

export interface RecurrentOptions extends LayerOptions {
  /** Two bias vectors per layer, as PyTorch (true), or none. */
  bias?: boolean;
}

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
  expectLayer(kind.name, { inputSize, hiddenSize }, options);
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
  readonly #kind: CellKind;
  readonly #dtype: DType;
  /** At layer·directions + direction, as in the states. */
  readonly #weights: RecurrentWeights[] = [];

  constructor(kind: CellKind, inputSize: number, hiddenSize: number, options: SequenceOptions) {
    super();
    expectLayer(kind.name, { inputSize, hiddenSize }, options);
    const { numLayers = 1, bidirectional = false, batchFirst = false, dropout = 0, generator } = options;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = expectNumber(numLayers, `nn.${kind.name}: numLayers`, { integer: true, min: 1 });
    this.directions = bidirectional ? 2 : 1;
    this.batchFirst = batchFirst;
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
  forward(x: Tensor, initial?: S | null, { lengths }: ForwardOptions = {}): [output: Tensor, state: S] {
    const { name } = this.#kind;
    const order = this.batchFirst ? ["B", "T"] : ["T", "B"];
    const { T, B } = expectShape(x.shape, [...order, this.inputSize], `nn.${name} input`);
    if (T === 0) throw new ShapeError(`nn.${name}: the sequence is empty: input ${formatShape(x.shape)}`);
    const shape = [this.numLayers * this.directions, B, this.hiddenSize];
    const start = unpack(this.#kind, initial, shape, this.#dtype);
    const masks = lengths && stepMasks(lengths, T, B, `nn.${name}`);
    const finals: CellState[] = [];
    let sequence = this.batchFirst ? transpose(x, 0, 1) : x;
    for (let layer = 0; layer < this.numLayers; layer++) {
      const outputs: Tensor[] = [];
      if (layer > 0) sequence = this.dropout.forward(sequence);
      for (let direction = 0; direction < this.directions; direction++) {
        const from = start.map((s) => select(s, 0, finals.length));
        const [output, final] = this.#scan(sequence, from, finals.length, direction === 1, masks);
        outputs.push(output);
        finals.push(final);
      }
      sequence = outputs.length === 1 ? outputs[0] : cat(outputs, 2);
    }
    const state = start.map((_, k) => stack(finals.map((final) => final[k])));
    return [this.batchFirst ? transpose(sequence, 0, 1) : sequence, pack<S>(state)];
  }

  /** One layer in one direction over [T, B, in] → outputs [T, B, H] and the final state. */
  #scan(
    x: Tensor,
    initial: CellState,
    which: number,
    backwards: boolean,
    masks?: Tensor[],
  ): [Tensor, CellState] {
    const weights = this.#weights[which];
    // The input's share of all steps is one large product; only the recurrent one must go step by step.
    const gx = unbind(linear(x, weights.weightIh, weights.biasIh));
    const outputs = new Array<Tensor>(gx.length);
    let state = initial;
    for (let k = 0; k < gx.length; k++) {
      const t = backwards ? gx.length - 1 - k : k;
      const before = state;
      state = this.#kind.step(gx[t], before, weights);
      outputs[t] = state[0];
      if (masks) {
        const real = masks[t];
        outputs[t] = where(real, state[0], 0);
        state = state.map((s, i) => where(real, s, before[i]));
      }
    }
    return [stack(outputs), state];
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
  if (state.length !== states) {
    throw new ArgumentError(`nn.${name}: the state has ${states} tensors, got ${state.length}`);
  }
  for (const s of state) expectShape(s.shape, shape, `nn.${name} state`);
  return state;
}

/** The tensors of a state as the caller gets them: h, or [h, c]. */
export function pack<S>(state: CellState): S {
  return (state.length === 1 ? state[0] : [...state]) as S;
}

/** mask_t [B, 1]: 1 where step t is real. */
function stepMasks(lengths: readonly number[], T: number, B: number, what: string): Tensor[] {
  if (lengths.length !== B) throw new ShapeError(`${what}: ${lengths.length} lengths for a batch of ${B}`);
  for (const n of lengths) expectNumber(n, `${what}: a length`, { integer: true, min: 1, max: T });
  return Array.from({ length: T }, (_, t) => ids(lengths.map((n) => [t < n ? 1 : 0])));
}
