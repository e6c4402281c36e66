import { type MimeBundle, showAs } from "../show.ts";

/** A text that a model wrote, and what the model thought of it. */
export class Generation {
  /** What was generated, without the prompt and without the stop. */
  readonly ids: Int32Array;
  readonly tokens: readonly string[];
  /** The prompt and what was generated, as text. */
  readonly text: string;
  /** Σ ln p of the generated tokens under the model itself (temperature 1), the end or stop included. */
  readonly logProb: number;
  /** Why it ends: the length was reached, the model ended the sentence, or a stop was met. */
  readonly reason: "length" | "end" | "stop";

  constructor(fields: {
    ids: Int32Array;
    tokens: readonly string[];
    text: string;
    logProb: number;
    reason: "length" | "end" | "stop";
  }) {
    this.ids = fields.ids;
    this.tokens = fields.tokens;
    this.text = fields.text;
    this.logProb = fields.logProb;
    this.reason = fields.reason;
  }

  toString(): string {
    return this.text;
  }
}

showAs(Generation, (generation): MimeBundle => ({ "text/plain": generation.text }));

/** One candidate of a beam search. */
export class Hypothesis {
  /** What was added to the prompt; the end token is the last of them if the hypothesis is complete. */
  readonly ids: Int32Array;
  readonly tokens: readonly string[];
  /** The prompt and what was added, as text. */
  readonly text: string;
  /** Σ ln p of the tokens. */
  readonly logProb: number;
  /** logProb / tokens^lengthPenalty, by which hypotheses are ranked. */
  readonly score: number;
  /** Whether the model ended the sentence. */
  readonly complete: boolean;

  constructor(fields: {
    ids: Int32Array;
    tokens: readonly string[];
    text: string;
    logProb: number;
    score: number;
    complete: boolean;
  }) {
    this.ids = fields.ids;
    this.tokens = fields.tokens;
    this.text = fields.text;
    this.logProb = fields.logProb;
    this.score = fields.score;
    this.complete = fields.complete;
  }

  toString(): string {
    return `${this.logProb.toFixed(3)} ${JSON.stringify(this.text)}${this.complete ? "" : " …"}`;
  }
}

showAs(Hypothesis, (hypothesis): MimeBundle => ({ "text/plain": String(hypothesis) }));
