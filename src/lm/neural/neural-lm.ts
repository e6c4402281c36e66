import type { Tensor } from "../../autograd/tensor.ts";
import { ArgumentError } from "../../errors.ts";
import { Module } from "../../nn/module.ts";
import { Generator, type GeneratorState } from "../../random.ts";
import { countCodePoints } from "../../text/code-points.ts";
import type { Corpus } from "../../text/corpus.ts";
import { characters, type Tokenizer } from "../../text/tokenizers.ts";
import type { Vocabulary } from "../../text/vocabulary.ts";
import { beamFrom, generateFrom, toIds, toRows } from "../decoding.ts";
import { Evaluation } from "../evaluation.ts";
import type { Generation, Hypothesis } from "../generation.ts";
import type {
  BeamOptions,
  EvaluateOptions,
  EvaluationData,
  GenerateOptions,
  LanguageModel,
  TokensLike,
} from "../types.ts";
import type { RecurrentState } from "./state.ts";

export interface NeuralLMOptions {
  /** The corpus the model is for: gives vocabulary, tokenizer and end token. Or give them one by one. */
  corpus?: Corpus;
  vocabulary?: Vocabulary;
  /** Cuts prompts into tokens; characters by default, if all tokens are single characters. */
  tokenizer?: Tokenizer;
  /** The seed of the initial weights and of dropout. */
  seed: number | string;
  dtype?: "float32" | "float64";
}

/** Training examples of one step. */
export interface Batch {
  /** The state starts anew here. */
  readonly reset: boolean;
  /** Targets that count. */
  readonly targets: number;
  /** T: time steps, 1 for a model without time. */
  readonly steps: number;
}

/** An endless source of batches that can be left and taken up again. */
export interface BatchSource<B extends Batch = Batch> {
  readonly stepsPerEpoch: number;
  next(): B;
  state(): unknown;
  restore(state: unknown): void;
}

export interface BatchOptions {
  batchSize: number;
  /** T: steps of a window for truncated BPTT. Models without time take none. */
  bptt?: number;
  /** Shuffles the examples of models without time. */
  generator: Generator;
}

/**
 * What all neural language models share: parameters (a Module), a training loss, and everything a `LanguageModel` can
 * do, built on reading one token after the other.
 */
export abstract class NeuralLM<B extends Batch, Reading> extends Module implements LanguageModel<Reading> {
  readonly vocabulary: Vocabulary;
  readonly tokenizer: Tokenizer | null;
  readonly endId: number | null;
  /** What makes this model again: saved with a checkpoint. */
  abstract readonly config: Readonly<Record<string, unknown>>;
  protected readonly random: Generator;

  constructor({
    corpus,
    vocabulary = corpus?.vocabulary,
    tokenizer = corpus?.tokenizer,
    seed,
  }: NeuralLMOptions) {
    super();
    if (!vocabulary) throw new ArgumentError(`${this.constructor.name}: give a corpus or a vocabulary`);
    if (seed === undefined)
      throw new ArgumentError(`${this.constructor.name}: give a seed for the initial weights`);
    this.vocabulary = vocabulary;
    this.tokenizer = tokenizer ?? (vocabulary.tokens.every((t) => [...t].length === 1) ? characters : null);
    const end = this.tokenizer?.end ?? null;
    this.endId = end === null ? null : vocabulary.id(end);
    this.random = new Generator(seed);
  }

  /** Batches for `train`. */
  abstract batches(ids: Int32Array, options: BatchOptions): BatchSource<B>;

  /**
   * The mean −ln p of a batch's targets in nats, a 0-d tensor to differentiate, and the state for the next batch.
   */
  abstract lossOf(batch: B, carried: RecurrentState | null): { loss: Tensor; state: RecurrentState | null };

  /** −ln p of each token of one row after the first `given`, read in large pieces. */
  protected abstract score(ids: Int32Array, given: number): Float64Array;

  abstract initialState(): Reading;
  abstract advance(state: Reading, token: number): Reading;
  abstract logProbs(state: Reading): Float64Array;

  logProb(context: TokensLike, token: string | number): number {
    const id = typeof token === "string" ? this.vocabulary.id(token) : token;
    this.vocabulary.token(id); // throws for an id outside
    return this.logProbs(this.#read(context))[id];
  }

  distribution(context: TokensLike): Float64Array {
    return this.logProbs(this.#read(context)).map(Math.exp);
  }

  nll(tokens: TokensLike, { given = this.defaultGiven }: { given?: number } = {}): Float64Array {
    return this.inference(() => this.score(toIds(this, tokens), given));
  }

  evaluate(data: EvaluationData, options: EvaluateOptions = {}): Evaluation {
    const { given = this.defaultGiven } = options;
    const { rows, characters } = toRows(this, data, options);
    const scores = this.inference(() => rows.map((ids) => this.score(ids, given)));
    // Only the characters of the tokens that were predicted.
    const predicted = () => rows.reduce((sum, ids) => sum + this.#characters(ids.subarray(given)), 0);
    return new Evaluation({
      nll: scores.reduce((sum, nll) => nll.reduce((part, v) => part + v, sum), 0),
      tokens: scores.reduce((sum, nll) => sum + nll.length, 0),
      unit: this.tokenizer?.unit ?? "token",
      characters: characters === undefined ? undefined : predicted(),
    });
  }

  generate(options: GenerateOptions = {}): Generation {
    return this.inference(() => generateFrom(this, options));
  }

  beam(options: BeamOptions = {}): Hypothesis[] {
    return this.inference(() => beamFrom(this, options));
  }

  /** A model must read a token before it can predict one, unless sentences have an end token to begin after. */
  protected get defaultGiven(): number {
    return this.endId === null ? 1 : 0;
  }

  /** Runs without dropout, whatever the mode. */
  protected inference<T>(f: () => T): T {
    const modes = this.modules().map((m) => m.training);
    this.eval();
    try {
      return f();
    } finally {
      this.modules().forEach((m, i) => {
        m.training = modes[i];
      });
    }
  }

  /** States of the generators that training draws from, for a checkpoint. */
  abstract generatorStates(): GeneratorState[];
  abstract restoreGenerators(states: readonly GeneratorState[]): void;

  #characters(ids: Int32Array): number {
    const tokens = this.vocabulary.decode(ids);
    return countCodePoints(this.tokenizer?.detokenize(tokens) ?? tokens.join(""));
  }

  #read(context: TokensLike): Reading {
    return this.inference(() =>
      toIds(this, context).reduce((s, id) => this.advance(s, id), this.initialState()),
    );
  }
}
