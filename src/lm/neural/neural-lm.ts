import { isGradEnabled, noGrad } from "../../autograd/mode.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { ArgumentError, describe, expectNumber, expectOptions } from "../../errors.ts";
import * as expect from "../../expect.ts";
import { logSumExp } from "../../kernels/rows.ts";
import type { Initializer } from "../../nn/init.ts";
import { Module, type Parameter } from "../../nn/module.ts";
import { Generator, type GeneratorState } from "../../random.ts";
import { countCodePoints } from "../../text/code-points.ts";
import type { Corpus } from "../../text/corpus.ts";
import { characters, expectTokenizer, type Tokenizer } from "../../text/tokenizers.ts";
import { Vocabulary } from "../../text/vocabulary.ts";
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
import type { Batch, BatchOptions, BatchSource } from "./batch.ts";
import { switchMode } from "./mode.ts";
import type { RecurrentState } from "./state.ts";

/** Options of all neural language models. */
export interface NeuralLMOptions {
  /** The corpus the model is for: gives vocabulary, tokenizer and end token. Or give them one by one. */
  corpus?: Corpus;
  vocabulary?: Vocabulary;
  /** Cuts prompts into tokens; characters by default, if all tokens are single characters. */
  tokenizer?: Tokenizer;
  /** The seed of the initial weights and of dropout. */
  seed: number | string;
  dtype?: "float32" | "float64";
  /** Fills a parameter otherwise than by the layer's default; return undefined to keep the default. */
  init?: (name: string, parameter: Parameter, generator: Generator) => Initializer | undefined;
}

/** Names of options, for `expectOptions`; the compiler holds them to the interface. */
export type Names<Options> = Readonly<Record<keyof Options, true>>;

const COMMON: Names<NeuralLMOptions> = {
  corpus: true,
  vocabulary: true,
  tokenizer: true,
  seed: true,
  dtype: true,
  init: true,
};

/**
 * For a model that takes its own options and the common ones. A description of a model (its `config`, an experiment's)
 * may be passed whole: it names the kind as well.
 * @throws {ArgumentError} for an option that there is not.
 */
export function expectModelOptions<Options extends NeuralLMOptions>(
  given: Options & { model?: unknown; type?: unknown },
  own: Names<Omit<Options, keyof NeuralLMOptions>>,
  what: string,
): void {
  const { model: _, type: __, ...options } = expectOptions(given, Object.keys(given ?? {}), what);
  expectOptions(options, [...Object.keys(own), ...Object.keys(COMMON)], what);
}

/** Σ −ln p over some tokens, and how many they are. */
interface Sums {
  nll: number;
  tokens: number;
}

/**
 * What all neural language models share: parameters (a Module), a training loss, and everything a `LanguageModel` can
 * do, built on reading one token after the other. A model of one's own implements the abstract members; then `train`
 * takes it.
 */
export abstract class NeuralLM<B extends Batch = Batch, Reading = unknown>
  extends Module
  implements LanguageModel<Reading>
{
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
    dtype = "float32",
  }: NeuralLMOptions) {
    super();
    const what = this.constructor.name;
    if (!vocabulary) throw new ArgumentError(`${what}: give a corpus or a vocabulary`);
    const remedy = "take corpus.vocabulary, or make one with text.Vocabulary.from";
    expect.instance(vocabulary, Vocabulary, `${what}: the vocabulary`, remedy);
    if (vocabulary.size < 2) {
      throw new ArgumentError(
        `${what}: the vocabulary has ${vocabulary.size} token; a language model needs at least two to choose from`,
      );
    }
    if (tokenizer) expectTokenizer(tokenizer, what);
    if (seed === undefined) throw new ArgumentError(`${what}: give a seed for the initial weights`);
    if (dtype !== "float32" && dtype !== "float64") {
      throw new ArgumentError(`${what}: dtype must be "float32" or "float64", got ${describe(dtype)}`);
    }
    this.vocabulary = vocabulary;
    this.tokenizer = tokenizer ?? (vocabulary.tokens.every((t) => [...t].length === 1) ? characters : null);
    const end = this.tokenizer?.end ?? null;
    if (end !== null && !vocabulary.has(end)) {
      throw new ArgumentError(`${what}: the tokenizer's end ${JSON.stringify(end)} is not in the vocabulary`);
    }
    this.endId = end === null ? null : vocabulary.id(end);
    this.random = new Generator(seed);
  }

  /** Batches for `train`. */
  abstract batches(ids: Int32Array, options: BatchOptions): BatchSource<B>;

  /**
   * The mean −ln p of a batch's targets in nats, a 0-d tensor to differentiate, and the state for the next batch.
   */
  abstract lossOf(batch: B, carried: RecurrentState | null): { loss: Tensor; state: RecurrentState | null };

  /** −ln p of each token of one row after the first `given` (at least `minGiven`), in pieces. */
  protected abstract scores(ids: Int32Array, given: number): Iterator<Float64Array>;

  abstract initialState(): Reading;
  abstract advance(state: Reading, token: number): Reading;
  abstract logProbs(state: Reading): Float64Array;

  /** How many tokens must be read before one can be predicted: none where sentences have an end token to begin after. */
  get minGiven(): number {
    return this.endId === null ? 1 : 0;
  }

  /** States of the generators that training draws from, for a checkpoint. */
  generatorStates(): GeneratorState[] {
    return [];
  }
  restoreGenerators(_states: readonly GeneratorState[]): void {}

  logProb(context: TokensLike, token: string | number): number {
    const id = typeof token === "string" ? this.vocabulary.id(token) : token;
    this.vocabulary.token(id); // throws for an id outside
    return this.#predict(context)[id];
  }

  distribution(context: TokensLike): Float64Array {
    return this.#predict(context).map(Math.exp);
  }

  nll(tokens: TokensLike, { given = this.minGiven }: { given?: number } = {}): Float64Array {
    const ids = toIds(this, tokens);
    const nll = new Float64Array(Math.max(0, ids.length - this.#checked(given)));
    let position = 0;
    for (const piece of this.#pieces(ids, given)) {
      nll.set(piece, position);
      position += piece.length;
    }
    return nll;
  }

  evaluate(data: EvaluationData, options: EvaluateOptions = {}): Evaluation {
    const { given = this.minGiven } = options;
    const { rows, characters } = toRows(this, data, options);
    const sums: Sums = { nll: 0, tokens: 0 };
    for (const ids of rows) for (const piece of this.#pieces(ids, this.#checked(given))) addTo(sums, piece);
    // Only the characters of the tokens that were predicted.
    const predicted = () => rows.reduce((sum, ids) => sum + this.#characters(ids.subarray(given)), 0);
    return new Evaluation({
      ...sums,
      unit: this.tokenizer?.unit ?? "token",
      characters: characters === undefined ? undefined : predicted(),
    });
  }

  /** The sums of `evaluate` for one row of ids, in pieces: between them the caller can stop, or let others run. */
  *evaluationInPieces(ids: Int32Array): Iterator<void, Sums> {
    const sums: Sums = { nll: 0, tokens: 0 };
    for (const piece of this.#pieces(ids, this.minGiven)) {
      addTo(sums, piece);
      yield;
    }
    return sums;
  }

  generate(options: GenerateOptions = {}): Generation {
    return this.inference(() => generateFrom(this, options));
  }

  beam(options: BeamOptions = {}): Hypothesis[] {
    return this.inference(() => beamFrom(this, options));
  }

  /** Runs without dropout, whatever the mode, and without a graph. */
  protected inference<T>(f: () => T): T {
    // Already so: a generation sets it once, and not again for each of its tokens.
    if (!this.training && !isGradEnabled()) return f();
    const restoreMode = switchMode(this, false);
    try {
      return noGrad(f);
    } finally {
      restoreMode();
    }
  }

  /** Applies the option `init` to all parameters; for constructors. */
  protected initialize(init: NeuralLMOptions["init"]): void {
    if (!init) return;
    expect.type(init, "a function", `${this.constructor.name}: init`);
    for (const [name, p] of this.namedParameters()) init(name, p, this.random)?.(p);
  }

  /** `scores`, each piece computed in inference mode. */
  *#pieces(ids: Int32Array, given: number): Iterable<Float64Array> {
    const scores = this.scores(ids, given);
    for (;;) {
      const { done, value } = this.inference(() => scores.next());
      if (done) return;
      yield value;
    }
  }

  #checked(given: number): number {
    expectNumber(given, `${this.constructor.name}: given`, { integer: true, min: 0 });
    if (given >= this.minGiven) return given;
    throw new ArgumentError(
      `${this.constructor.name}: ${this.minGiven} tokens must be read before one can be predicted; ` +
        `given must be at least ${this.minGiven}, got ${given}`,
    );
  }

  #characters(ids: Int32Array): number {
    const tokens = this.vocabulary.decode(ids);
    return countCodePoints(this.tokenizer?.detokenize(tokens) ?? tokens.join(""));
  }

  #predict(context: TokensLike): Float64Array {
    return this.inference(() => {
      const read = toIds(this, context).reduce((state, id) => this.advance(state, id), this.initialState());
      return this.logProbs(read);
    });
  }
}

/** The log-probabilities of one row of logits, in double precision. */
export function logSoftmaxOf({ data }: Tensor): Float64Array {
  const norm = logSumExp(data);
  const logProbs = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) logProbs[i] = data[i] - norm;
  return logProbs;
}

function addTo(sums: Sums, nll: Float64Array): void {
  for (const value of nll) sums.nll += value;
  sums.tokens += nll.length;
}
