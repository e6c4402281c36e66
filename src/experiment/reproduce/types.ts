import type { lm } from "../../index.ts";

/** One point of a curve that a reproduction leaves: by tokens read, steps or epochs. */
export interface CurvePoint {
  x: number;
  y: number;
  /** Where one run has several curves. */
  series?: string;
}

/** What one seed gave. */
export interface SeedResult {
  seed: number;
  value: number;
  curve: CurvePoint[];
  /** Values at the marks of the reproduction, in their order. */
  marks?: number[];
  seconds: number;
}

export interface SeedOptions {
  seed: number;
  /** A short run that shows that everything works; its value is not comparable. */
  fast: boolean;
  /** The folder for checkpoint and history; none where nothing is to be written. */
  out?: string;
  signal?: AbortSignal;
  progress?: boolean | lm.ProgressReporter;
}

/** A published or measured number, and how it is reached again. */
export interface Reproduction {
  readonly name: string;
  /** One sentence: model, corpus, what is measured. */
  readonly title: string;
  readonly unit: string;
  /** The reference value, null where none was published. */
  readonly published: number | null;
  /** Where the reference comes from. */
  readonly source: string;
  /** What counts as reproduced. */
  readonly band: { readonly least?: number; readonly most?: number };
  /** The band holds for every seed, not only for their mean. */
  readonly everySeed?: true;
  /** How many seeds, where the claim is about so many. */
  readonly seeds?: number;
  /** There is no chance in it: one run says everything. */
  readonly deterministic?: true;
  /** Reference values along the way: at these x of the curve. */
  readonly marks?: { readonly x: readonly number[]; readonly y: readonly number[]; readonly within: string };
  /** What the simplest guess reaches, by its name: a line to judge the curve by. */
  readonly baseline?: Readonly<Record<string, number>>;
  /** What the axes of the curve are. */
  readonly axes: { readonly x: string; readonly y: string };
  /** The part of the corpus that the value is of, where the curve shows another. */
  readonly part?: "test";
  /** Names of corpora that must be there. */
  readonly corpora: readonly string[];
  /** Runs one seed; null if it was interrupted. */
  run(options: SeedOptions): Promise<SeedResult | null>;
}

/** The result of a reproduction, as `result.json` and `--json` give it. */
export interface ReproductionResult {
  name: string;
  /** The mean over the seeds. */
  value: number;
  unit: string;
  /** Standard deviation over the seeds; null where there is only one. */
  spread: number | null;
  published: number | null;
  source: string;
  /** Wall time of all seeds. */
  seconds: number;
  /** Which kernels computed it. */
  fingerprint: string;
  seeds: number[];
  values: number[];
  band: { least?: number; most?: number };
  /** Null for a fast run, whose value means nothing. */
  reproduced: boolean | null;
  fast: boolean;
  marks?: { x: number[]; published: number[]; values: number[]; within: string };
}
