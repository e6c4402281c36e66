import type { DType } from "../array/ndarray.ts";
import { ids, zeros } from "../autograd/create.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, describe, expectNumber, expectShape, formatShape, ShapeError } from "../errors.ts";
import { where } from "../ops/elementwise.ts";
import { linear } from "../ops/matmul.ts";
import { cat, select, stack, transpose, unbind } from "../ops/shape.ts";
import { Dropout } from "./dropout.ts";
import { parameter, uniform } from "./init.ts";
import type { LayerOptions } from "./linear.ts";
import { Module, type Parameter } from "./module.ts";
import type { CellState, RecurrentWeights, Step } from "./steps.ts";

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

/** What a kind of recurrent layer has of its own. */
export interface CellKind {
  name: string;
  /** Blocks of H rows in the weights: 1 RNN, 4 LSTM, 3 GRU. */
  gates: number;
  /** Tensors in the state: 1, or 2 for an LSTM. */
  states: number;
  step: Step;
}

/** U(±1/√H) for all weights and biases, as in PyTorch. */
export function makeWeights(
  kind: CellKind,
  inputSize: number,
  hiddenSize: number,
  { generator, dtype, bias = true }: RecurrentOptions,
): RecurrentWeights &
  Record<"weightIh" | "weightHh", Parameter> &
  Record<"biasIh" | "biasHh", Parameter | null> {
  expectNumber(inputSize, `nn.${kind.name}: inputSize`, { integer: true, min: 1 });
  expectNumber(hiddenSize, `nn.${kind.name}: hiddenSize`, { integer: true, min: 1 });
  if (!generator)
    throw new ArgumentError(
      `nn.${kind.name}: pass { generator: new Generator(seed) } for the initial weights`,
    );
  const fill = uniform(generator, 1 / Math.sqrt(hiddenSize));
  const rows = kind.gates * hiddenSize;
  return {
    weightIh: parameter([rows, inputSize], fill, dtype),
    weightHh: parameter([rows, hiddenSize], fill, dtype),
    biasIh: bias ? parameter([rows], fill, dtype) : null,
    biasHh: bias ? parameter([rows], fill, dtype) : null,
  };
}

/** A recurrent layer for whole sequences; RNN, LSTM and GRU differ only in their step. */
export abstract class RecurrentModule extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly directions: number;
  readonly batchFirst: boolean;
  readonly dropout: Dropout;
  readonly #kind: CellKind;
  readonly #dtype: DType;
  /** [layer][direction]. */
  readonly #weights: RecurrentWeights[][];

  constructor(kind: CellKind, inputSize: number, hiddenSize: number, options: SequenceOptions) {
    super();
    const { numLayers = 1, bidirectional = false, batchFirst = false, dropout = 0 } = options;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = expectNumber(numLayers, `nn.${kind.name}: numLayers`, { integer: true, min: 1 });
    this.directions = bidirectional ? 2 : 1;
    this.batchFirst = batchFirst;
    this.#kind = kind;
    this.#dtype = options.dtype ?? "float32";
    this.#weights = [];
    for (let layer = 0; layer < numLayers; layer++) {
      this.#weights.push([]);
      for (let direction = 0; direction < this.directions; direction++) {
        const size = layer === 0 ? inputSize : hiddenSize * this.directions;
        const weights = makeWeights(kind, size, hiddenSize, options);
        this.#weights[layer].push(weights);
        // Under PyTorch's names these are properties, where Module finds them.
        for (const [name, p] of Object.entries(weights)) {
          Object.defineProperty(this, `${name}L${layer}${direction === 1 ? "Reverse" : ""}`, {
            value: p,
            enumerable: p !== null,
          });
        }
      }
    }
    this.dropout = new Dropout(dropout, { generator: options.generator?.fork("dropout") });
  }

  /** Weights of one layer and direction (1: the backward one). */
  weights(layer: number = 0, direction: number = 0): RecurrentWeights {
    const weights = this.#weights[layer]?.[direction];
    if (!weights)
      throw new ArgumentError(`nn.${this.#kind.name}: there is no layer ${layer}, direction ${direction}`);
    return weights;
  }

  /**
   * @param x [T, B, in] (or [B, T, in] with batchFirst).
   * @param initial each [layers·directions, B, H]; zeros by default.
   * @param lengths real length of each sequence of a right-padded batch: outputs after it are 0, the final state is
   *   that of the last real step, and the backward direction starts there.
   */
  protected run(
    x: Tensor,
    initial: readonly Tensor[] | undefined,
    lengths?: readonly number[],
  ): [Tensor, Tensor[]] {
    const name = `nn.${this.#kind.name}`;
    const { T, B } = expectShape(
      x.shape,
      this.batchFirst ? ["B", "T", this.inputSize] : ["T", "B", this.inputSize],
      `${name} input`,
    );
    if (T === 0) throw new ShapeError(`${name}: the sequence is empty: input ${formatShape(x.shape)}`);
    const stateShape = [this.numLayers * this.directions, B, this.hiddenSize];
    const start =
      initial ?? Array.from({ length: this.#kind.states }, () => zeros(stateShape, { dtype: this.#dtype }));
    if (start.length !== this.#kind.states) {
      throw new ArgumentError(`${name}: the state has ${this.#kind.states} tensors, got ${start.length}`);
    }
    for (const s of start) expectShape(s.shape, stateShape, `${name} initial state`);
    const masks = lengths && stepMasks(lengths, T, B, name);
    let sequence = this.batchFirst ? transpose(x, 0, 1) : x;
    const finals: CellState[] = [];
    for (let layer = 0; layer < this.numLayers; layer++) {
      if (layer > 0) sequence = this.dropout.forward(sequence);
      const outputs: Tensor[] = [];
      for (let direction = 0; direction < this.directions; direction++) {
        const from = start.map((s) => select(s, 0, layer * this.directions + direction));
        const [output, final] = this.#scan(
          sequence,
          from,
          this.#weights[layer][direction],
          direction === 1,
          masks,
        );
        outputs.push(output);
        finals.push(final);
      }
      sequence = outputs.length === 1 ? outputs[0] : cat(outputs, 2);
    }
    const state = start.map((_, k) => stack(finals.map((final) => final[k])));
    return [this.batchFirst ? transpose(sequence, 0, 1) : sequence, state];
  }

  /** One layer in one direction over [T, B, in] → outputs [T, B, H] and the final state. */
  #scan(
    x: Tensor,
    initial: CellState,
    weights: RecurrentWeights,
    backwards: boolean,
    masks?: Tensor[],
  ): [Tensor, CellState] {
    // The input's share of all steps is one large product; only the recurrent one must go step by step.
    const gx = unbind(linear(x, weights.weightIh, weights.biasIh));
    const outputs = new Array<Tensor>(gx.length);
    let state = initial;
    for (let k = 0; k < gx.length; k++) {
      const t = backwards ? gx.length - 1 - k : k;
      const next = this.#kind.step(gx[t], state, weights);
      if (masks) {
        const mask = masks[t];
        outputs[t] = where(mask, next[0], 0);
        state = next.map((s, i) => where(mask, s, state[i]));
      } else {
        outputs[t] = next[0];
        state = next;
      }
    }
    return [stack(outputs), state];
  }
}

/** mask_t [B, 1]: 1 where step t is real. */
function stepMasks(lengths: readonly number[], T: number, B: number, name: string): Tensor[] {
  if (lengths.length !== B) throw new ShapeError(`${name}: ${lengths.length} lengths for a batch of ${B}`);
  lengths.forEach((n, b) => {
    if (!(Number.isInteger(n) && n >= 1 && n <= T)) {
      throw new ShapeError(`${name}: length ${describe(n)} of sequence ${b} must be a whole number 1 … ${T}`);
    }
  });
  return Array.from({ length: T }, (_, t) => ids(lengths.map((n) => [t < n ? 1 : 0])));
}
