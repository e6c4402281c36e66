import { ArgumentError, describe, expectNumber, expectOptions } from "../errors.ts";
import * as expect from "../expect.ts";
import { Generator } from "../random.ts";
import { Corpus } from "../text/corpus.ts";
import { Generation, Hypothesis } from "./generation.ts";
import { rankTokens, sampleToken } from "./sampling.ts";
import type {
  BeamOptions,
  EvaluateOptions,
  EvaluationData,
  GenerateOptions,
  Predictor,
  TokensLike,
} from "./types.ts";

export { Generation, Hypothesis } from "./generation.ts";

const GENERATE = [
  ...["prompt", "length", "generator", "seed", "stop"],
  ...["temperature", "topK", "topP", "greedy"],
];

type Reader = Pick<Predictor<unknown>, "vocabulary" | "tokenizer">;
type SentenceReader = Reader & Pick<Predictor<unknown>, "endId">;

/**
 * Tokens of any form → ids.
 * @throws {ArgumentError} for a text if the model has no tokenizer, or an id outside the vocabulary.
 * @throws {DataError} for a token outside the vocabulary.
 */
export function toIds(model: Reader, tokens: TokensLike): Int32Array {
  if (typeof tokens !== "string") expect.type(tokens, "a list", "the tokens, unless they are a text,");
  if (typeof tokens === "string") {
    if (!model.tokenizer) {
      throw new ArgumentError(
        `this model was made from lists of tokens and cannot cut the text ${describe(tokens)}; give a list of tokens`,
      );
    }
    return model.vocabulary.encode(model.tokenizer.fragment(tokens));
  }
  if (typeof tokens[0] === "string") return model.vocabulary.encode(tokens as readonly string[]);
  return Int32Array.from(tokens as ArrayLike<number>, (id) => {
    model.vocabulary.token(id); // throws for an id outside
    return id;
  });
}

/**
 * What is to be evaluated as rows of ids, each read from the beginning: a part of a corpus or one row of tokens as it
 * is, or sentences, each with the end token after it. `characters` is given for a corpus whose tokens are not characters
 * and that has no unknown token.
 *
 * @throws {ArgumentError} for a corpus with another vocabulary.
 */
export function toRows(
  model: SentenceReader,
  data: EvaluationData,
  options: EvaluateOptions = {},
): { rows: Int32Array[]; characters?: number } {
  const { split = "valid" } = expectOptions(options, ["split", "given"], "evaluate");
  if (data instanceof Corpus) {
    const { vocabulary, tokenizer, characters } = data;
    const same = vocabulary === model.vocabulary || isDeepSame(vocabulary.tokens, model.vocabulary.tokens);
    if (!same)
      throw new ArgumentError(
        `evaluate: the vocabulary of corpus "${data.name}" is not the model's; make the corpus with { vocabulary: model.vocabulary }`,
      );
    const ids = data.split(split);
    // An unknown token stands for characters that the model did not predict, so a figure per character would be wrong.
    const comparable =
      tokenizer.unit !== "character" && (vocabulary.unknown === null || !ids.includes(vocabulary.unknownId));
    return { rows: [ids], characters: (comparable && characters[split]) || undefined };
  }
  if (!isListOfSentences(data)) return { rows: [toIds(model, data)] };
  const end = model.endId === null ? [] : [model.endId];
  return { rows: data.map((sentence) => Int32Array.from([...toIds(model, sentence), ...end])) };
}

function isListOfSentences(data: unknown): data is readonly (readonly string[] | Int32Array)[] {
  return Array.isArray(data) && typeof data[0] === "object";
}

function isDeepSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((token, id) => token === b[id]);
}

/** Generates by drawing one token after the other; see `GenerateOptions`. The same seed gives the same text. */
export function generateFrom<State>(model: Predictor<State>, options: GenerateOptions = {}): Generation {
  expectOptions(options, GENERATE, "generate");
  const { prompt = [], length = 100, seed, stop = [] } = options;
  expectNumber(length, "generate: length", { integer: true, min: 0 });
  if (options.generator && seed !== undefined)
    throw new ArgumentError("generate: give a generator or a seed, not both");
  if (options.generator !== undefined) expect.generator(options.generator, "generate");
  const generator = options.generator ?? (seed === undefined ? undefined : new Generator(seed));
  const stops = (typeof stop === "string" ? [stop] : stop).map((text) => stopIds(model, text));
  const promptIds = toIds(model, prompt);
  let state = promptIds.reduce((before, id) => model.advance(before, id), model.initialState());

  const ids: number[] = [];
  let logProb = 0;
  let reason: Generation["reason"] = "length";
  while (ids.length < length) {
    const logProbs = model.logProbs(state);
    const id = sampleToken(logProbs, options, generator);
    logProb += logProbs[id];
    if (id === model.endId) {
      reason = "end";
      break;
    }
    ids.push(id);
    const met = stops.find((tail) => tail.every((token, i) => ids[ids.length - tail.length + i] === token));
    if (met) {
      ids.length -= met.length;
      reason = "stop";
      break;
    }
    state = model.advance(state, id);
  }
  return new Generation({
    ids: Int32Array.from(ids),
    tokens: model.vocabulary.decode(ids),
    text: toText(model, [...promptIds, ...ids]),
    logProb,
    reason,
  });
}

/**
 * Beam search: at every step each of the `width` best hypotheses is continued by every token, and the best `width` of
 * all are kept; complete sentences are set aside. With width 1 it is the greedy path. Ties go to the lower id.
 */
export function beamFrom<State>(model: Predictor<State>, options: BeamOptions = {}): Hypothesis[] {
  expectOptions(options, ["prompt", "width", "length", "lengthPenalty"], "beam");
  const { prompt = [], width = 5, length = 20, lengthPenalty = 0 } = options;
  expectNumber(width, "beam: width", { integer: true, min: 1 });
  expectNumber(length, "beam: length", { integer: true, min: 1 });
  expectNumber(lengthPenalty, "beam: lengthPenalty", { min: 0 });
  interface Path {
    ids: number[];
    logProb: number;
    state: State | null; // null: complete
  }
  const score = (path: Path) => path.logProb / Math.max(1, path.ids.length) ** lengthPenalty;
  const promptIds = toIds(model, prompt);
  const start = promptIds.reduce((before, id) => model.advance(before, id), model.initialState());
  let open: Path[] = [{ ids: [], logProb: 0, state: start }];
  let complete: Path[] = [];
  for (let step = 0; step < length && open.length > 0; step++) {
    const candidates: { from: Path; id: number; logProb: number }[] = [];
    for (const from of open) {
      // No more than `width` continuations of one path can survive, so only its best are compared.
      const logProbs = model.logProbs(from.state!);
      for (const id of rankTokens(logProbs, width))
        candidates.push({ from, id, logProb: from.logProb + logProbs[id] });
    }
    candidates.sort((a, b) => b.logProb - a.logProb); // stable: earlier paths and lower ids first
    open = [];
    for (const { from, id, logProb } of candidates.slice(0, width)) {
      const ids = [...from.ids, id];
      if (id === model.endId) complete.push({ ids, logProb, state: null });
      else open.push({ ids, logProb, state: model.advance(from.state!, id) });
    }
    complete = complete.sort((a, b) => score(b) - score(a)).slice(0, width);
    // Without a length penalty a path only loses by growing: once `width` complete ones are better, nothing can change.
    if (
      lengthPenalty === 0 &&
      complete.length === width &&
      open.every((p) => p.logProb < complete[width - 1].logProb)
    ) {
      break;
    }
  }
  return [...complete, ...open]
    .sort((a, b) => score(b) - score(a))
    .slice(0, width)
    .map(
      (path) =>
        new Hypothesis({
          ids: Int32Array.from(path.ids),
          tokens: model.vocabulary.decode(path.ids),
          text: toText(model, [...promptIds, ...path.ids.filter((id) => id !== model.endId)]),
          logProb: path.logProb,
          score: score(path),
          complete: path.state === null,
        }),
    );
}

/** A stop is a token of the vocabulary if there is such a token, else a text of several tokens. */
function stopIds(model: Reader, stop: string): number[] {
  if (stop === "") throw new ArgumentError("generate: a stop must not be empty");
  if (model.vocabulary.has(stop)) return [model.vocabulary.id(stop)];
  const tokens = model.tokenizer?.fragment(stop) ?? [stop];
  const strange = tokens.find((token) => !model.vocabulary.has(token));
  if (strange !== undefined) {
    throw new ArgumentError(
      `generate: the stop ${describe(stop)} can never be met: ${describe(strange)} is not in the vocabulary; use tokens of it`,
    );
  }
  return Array.from(toIds(model, tokens));
}

function toText(model: Reader, ids: readonly number[]): string {
  const tokens = model.vocabulary.decode(ids);
  return model.tokenizer ? model.tokenizer.detokenize(tokens) : tokens.join(" ");
}
