/**
 * The shapes of data that the plots read, and the small part of Plotly's JSON that they write.
 * (The full reference is at https://plotly.com/javascript/reference; any of its fields may stand in a figure.)
 */

/** What the curves read of a training history. Losses are in nats per token; perplexity = exp(loss). */
export interface HistoryLike {
  /** One entry for each step of the optimizer; `step` and `tokens` count from the beginning of the training. */
  readonly steps: readonly {
    readonly step: number;
    readonly tokens: number;
    readonly loss: number;
    /** Norm of the whole gradient before clipping. */
    readonly gradNorm?: number;
    readonly lr?: number;
  }[];
  /** One entry for each finished epoch; `step` and `tokens` are the counts at its end. */
  readonly epochs: readonly {
    readonly epoch: number;
    readonly step: number;
    readonly tokens: number;
    readonly trainLoss: number;
    readonly validLoss?: number;
  }[];
  readonly name?: string;
}

/** One history, several, or several with the names that the legend shall show. */
export type Histories = HistoryLike | readonly HistoryLike[] | Readonly<Record<string, HistoryLike>>;

/** Numbers in a row: an array, a typed array, or something with `toArray()` such as a tensor of one dimension. */
export type Vector = ArrayLike<number> | { toArray(): unknown };

/** Rows of numbers, or something with `toArray()` that gives them, such as a tensor of two dimensions. */
export type Matrix = ArrayLike<ArrayLike<number>> | { toArray(): unknown };

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** One trace: `{ type: "scatter", x, y, … }`. Numbers may stand in typed arrays; NaN and ±∞ become gaps. */
export interface Trace {
  readonly type: string;
  readonly name?: string;
  readonly [attribute: string]: unknown;
}

/** Plotly's layout. */
export interface Layout {
  readonly width?: number;
  readonly height?: number;
  readonly [attribute: string]: unknown;
}

/** What every plot takes. */
export interface FigureOptions {
  /** The title; a plot without the option makes one up, `""` leaves it out. */
  title?: string;
  /** Size in pixels. Interactive pictures fill the width they are given unless `width` is set. */
  width?: number;
  height?: number;
  /** Alternative text, for readers who cannot see the picture; made from the data unless it is given. */
  alt?: string;
}
