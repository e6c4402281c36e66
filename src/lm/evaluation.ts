import { ArgumentError, DataError, describe, expectNumber } from "../errors.ts";
import { type MimeBundle, showAs } from "../show.ts";
import { formatCount, tableView } from "../text/table.ts";

/** What an evaluation is made of; nll in nats. */
export interface EvaluationFields {
  /** Σ −ln p over the predicted tokens, in nats. */
  nll: number;
  /** How many tokens were predicted. */
  tokens: number;
  /** What a token is: "character", "word", "syllable", "jamo"; default "token". */
  unit?: string;
  /** How many characters (code points) the predicted tokens stand for; for the unit "character" they are the tokens. */
  characters?: number;
}

/**
 * How well a model predicts a text, kept as the two sums from which every figure follows. Averages are made at the end
 * and never averaged again, so that parts of different length are merged without error.
 *
 * @throws {DataError} if no token was predicted: an average over nothing has no value.
 */
export class Evaluation {
  readonly nll: number;
  readonly tokens: number;
  readonly unit: string;
  readonly characters: number | undefined;

  constructor({ nll, tokens, unit = "token", characters }: EvaluationFields) {
    if (tokens === 0)
      throw new DataError(
        `Evaluation: 0 ${plural(unit)} were predicted; the text to evaluate is empty or too short; give a longer one`,
      );
    expectNumber(tokens, "Evaluation: tokens", { integer: true, min: 1 });
    if (Number.isNaN(nll))
      throw new DataError(`Evaluation: the sum of −ln p over ${tokens} ${plural(unit)} is NaN`);
    if (characters !== undefined)
      expectNumber(characters, "Evaluation: characters", { integer: true, min: 1 });
    this.nll = nll;
    this.tokens = tokens;
    this.unit = unit;
    this.characters = characters ?? (unit === "character" ? tokens : undefined);
  }

  /** Mean −ln p in nats per token; also called the loss, or cross-entropy. */
  get nats(): number {
    return this.nll / this.tokens;
  }

  /** Mean −log₂ p in bits per token. */
  get bits(): number {
    return this.nats / Math.LN2;
  }

  /** exp(nats) = (∏ 1/p)^{1/tokens}: the geometric mean of the number of equally probable choices per token. */
  get perplexity(): number {
    return Math.exp(this.nats);
  }

  /** Σ bits per character. @throws {ArgumentError} if the number of characters is not known. */
  get bitsPerCharacter(): number {
    return this.nll / Math.LN2 / this.#characters("bitsPerCharacter");
  }

  /** Σ nats per character. @throws {ArgumentError} if the number of characters is not known. */
  get natsPerCharacter(): number {
    return this.nll / this.#characters("natsPerCharacter");
  }

  /** Both texts as one. @throws {ArgumentError} if their units differ. */
  merge(other: Evaluation): Evaluation {
    if (other.unit !== this.unit) {
      throw new ArgumentError(
        `Evaluation.merge: nats per ${this.unit} and nats per ${other.unit} cannot be added; compare bitsPerCharacter`,
      );
    }
    const both = this.characters !== undefined && other.characters !== undefined;
    return new Evaluation({
      nll: this.nll + other.nll,
      tokens: this.tokens + other.tokens,
      unit: this.unit,
      characters: both ? this.characters! + other.characters! : undefined,
    });
  }

  toJSON(): EvaluationFields {
    const { nll, tokens, unit, characters } = this;
    return { nll, tokens, unit, characters };
  }

  toString(): string {
    return `${this.nats.toFixed(4)} nats per ${this.unit}, perplexity ${formatFigure(this.perplexity)}`;
  }

  #characters(what: string): number {
    if (this.characters === undefined) {
      throw new ArgumentError(
        `Evaluation.${what}: the number of characters is not known; give { characters }, or evaluate a corpus without unknown tokens`,
      );
    }
    return this.characters;
  }

  /** Merges any number of evaluations. @throws {ArgumentError} if there is none, or their units differ. */
  static merge(evaluations: Iterable<Evaluation>): Evaluation {
    const [first, ...rest] = evaluations;
    if (!(first instanceof Evaluation)) {
      throw new ArgumentError(`Evaluation.merge: expected evaluations, got ${describe(first)}`);
    }
    return rest.reduce((sum, next) => sum.merge(next), first);
  }
}

/** A figure of any size with four digits that count: 4.658, 141.2, 10342. */
function formatFigure(value: number): string {
  return value < 1000 ? value.toPrecision(4) : value === Infinity ? "∞" : formatCount(Math.round(value));
}

/** Jamo, the letters of hangul, are many or one by the same word. */
function plural(unit: string): string {
  return unit === "jamo" ? unit : `${unit}s`;
}

showAs(Evaluation, (evaluation): MimeBundle => {
  const { unit, tokens, characters } = evaluation;
  const rows: [string, string, string][] = [
    ["cross-entropy", evaluation.nats.toFixed(4), `nats per ${unit}`],
    ["", evaluation.bits.toFixed(4), `bits per ${unit}`],
    ["perplexity", formatFigure(evaluation.perplexity), `choices per ${unit}`],
  ];
  if (characters !== undefined && unit !== "character") {
    rows.push(["", evaluation.bitsPerCharacter.toFixed(4), "bits per character"]);
  }
  rows.push(["predicted", formatCount(tokens), plural(unit)]);
  return tableView("Evaluation", rows);
});
