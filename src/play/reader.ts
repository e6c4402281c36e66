import { fromData } from "../autograd/create.ts";
import { noGrad } from "../autograd/mode.ts";
import type { Tensor } from "../autograd/tensor.ts";
import type { FixedWindowLM } from "../lm/neural/fixed-window-lm.ts";
import { logSoftmaxOf } from "../lm/neural/neural-lm.ts";
import { RecurrentLM } from "../lm/neural/recurrent-lm.ts";
import { tanh } from "../ops/elementwise.ts";
import { type LayerStep, type Quantity, quantitiesOf, stepLayer } from "./cells.ts";

/** What a model computed while it read one token. */
export interface ReadStep {
  /** The token that was read; the end token stands before the first one. */
  readonly token: number;
  /** −ln p(token | what was read before) in nats; null where nothing was read before. */
  readonly surprise: number | null;
  /** A vector for each of `Reader.quantities`; null while a window is not filled. */
  readonly values: readonly Float32Array[] | null;
  /** ln p of each next token; null while a window is not filled. */
  readonly logProbs: Float64Array | null;
}

/**
 * Reads a text token by token and keeps what happened inside, gates included, which the library's fused layers do not
 * hand out: here every step is composed of single operations, and the tests hold it to the model's own numbers.
 */
export class Reader {
  readonly model: RecurrentLM | FixedWindowLM;
  /** What `ReadStep.values` holds, in its order. */
  readonly quantities: readonly Quantity[];
  #steps: ReadStep[] = [];
  #states: LayerStep[][] = [];

  constructor(model: RecurrentLM | FixedWindowLM) {
    this.model = model;
    this.quantities = quantitiesOf(model);
    model.eval();
  }

  /**
   * The steps for a text's ids. What the last call read is not read again, as far as the texts begin alike. Where the model
   * has an end token, the first step is that token: it stands before every sentence.
   */
  read(ids: readonly number[]): readonly ReadStep[] {
    const { endId } = this.model;
    const all = endId === null ? ids : [endId, ...ids];
    let same = 0;
    while (same < this.#steps.length && this.#steps[same].token === all[same]) same++;
    this.#steps = this.#steps.slice(0, same);
    this.#states = this.#states.slice(0, same);
    noGrad(() => {
      for (let t = same; t < all.length; t++) this.#steps.push(this.#step(all, t));
    });
    return this.#steps;
  }

  #step(ids: readonly number[], t: number): ReadStep {
    const before = this.#steps[t - 1]?.logProbs;
    const surprise = before ? -before[ids[t]] : null;
    const inside =
      this.model instanceof RecurrentLM ? this.#recur(this.model, ids[t], t) : this.#look(this.model, ids, t);
    return { token: ids[t], surprise, ...inside };
  }

  #recur(model: RecurrentLM, id: number, t: number): Pick<ReadStep, "values" | "logProbs"> {
    const { embedding, rnn, output } = model;
    let x: Tensor = embedding
      ? embedding.forward(fromData(Int32Array.of(id), [1]))
      : fromData(
          Float32Array.from({ length: rnn.inputSize }, (_, i) => (i === id ? 1 : 0)),
          [1, rnn.inputSize],
        );
    const layers: LayerStep[] = [];
    for (let layer = 0; layer < rnn.numLayers; layer++) {
      const step = stepLayer(model, layer, x, this.#states[t - 1]?.[layer]);
      layers.push(step);
      x = step["h"];
    }
    this.#states.push(layers);
    const values = this.quantities.map(({ key, layer }) => Float32Array.from(layers[layer][key].data));
    return { values, logProbs: logSoftmaxOf(output.forward(x)) };
  }

  #look(model: FixedWindowLM, ids: readonly number[], t: number): Pick<ReadStep, "values" | "logProbs"> {
    const window = ids.slice(0, t + 1).reduce(model.advance.bind(model), model.initialState());
    if (window.length < model.window) return { values: null, logProbs: null };
    const x = model.embedding.forward(fromData(Int32Array.from(window), [1, window.length])).reshape([1, -1]);
    const h = tanh(model.hidden.forward(x));
    return { values: [Float32Array.from(h.data)], logProbs: model.logProbs(window) };
  }
}
