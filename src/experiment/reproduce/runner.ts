import path from "node:path";
import { ArgumentError } from "../../errors.ts";
import type { lm } from "../../index.ts";
import { kernels } from "../../index.ts";
import type { Reproduction, ReproductionResult, SeedResult } from "./types.ts";

export interface ReproduceOptions {
  /** How many seeds; default by the time that the first one takes. */
  seeds?: number;
  fast?: boolean;
  /** A folder for checkpoints and histories; an interrupted reproduction goes on from there. */
  out?: string;
  signal?: AbortSignal;
  progress?: boolean | lm.ProgressReporter;
  /** Called when a seed begins. */
  onSeed?: (seed: number, of: number | undefined) => void;
}

export interface Reproduced {
  result: ReproductionResult;
  runs: SeedResult[];
}

/** Five seeds under 2 minutes each, three under 20, else one. */
export function seedsFor(secondsOfFirst: number): number {
  if (secondsOfFirst < 120) return 5;
  return secondsOfFirst < 1200 ? 3 : 1;
}

/** @returns null if it was interrupted. */
export async function reproduce(
  one: Reproduction,
  options: ReproduceOptions = {},
): Promise<Reproduced | null> {
  const { fast = false, out, signal, progress } = options;
  if (options.seeds !== undefined && !(Number.isSafeInteger(options.seeds) && options.seeds >= 1)) {
    throw new ArgumentError(`reproduce: seeds must be a whole number ≥ 1, got ${options.seeds}`);
  }
  let wanted = one.deterministic ? 1 : (options.seeds ?? (fast ? 1 : one.seeds));
  const runs: SeedResult[] = [];
  const begun = performance.now();
  for (let seed = 1; wanted === undefined || seed <= wanted; seed++) {
    options.onSeed?.(seed, wanted);
    const folder = out === undefined ? undefined : path.join(out, `seed-${seed}`);
    const run = await one.run({ seed, fast, out: folder, signal, progress });
    if (!run) return null;
    runs.push(run);
    wanted ??= seedsFor(run.seconds);
  }
  // Seeds that an earlier call finished count with the time they took then.
  const measured = runs.reduce((sum, { seconds }) => sum + seconds, 0);
  const seconds = Math.max(measured, (performance.now() - begun) / 1000);
  return { result: summarize(one, runs, { fast, seconds }), runs };
}

function summarize(
  { name, unit, published, source, band, marks, everySeed }: Reproduction,
  runs: readonly SeedResult[],
  { fast, seconds }: { fast: boolean; seconds: number },
): ReproductionResult {
  const values = runs.map(({ value }) => value);
  const value = mean(values);
  const { least = -Infinity, most = Infinity } = band;
  const atMarks =
    marks && !fast ? marks.x.map((_, i) => mean(runs.map((run) => run.marks?.[i] ?? Number.NaN))) : null;
  return {
    name,
    value,
    unit,
    spread: values.length > 1 ? deviation(values) : null,
    published,
    source,
    seconds,
    fingerprint: kernels.info().fingerprint,
    seeds: runs.map(({ seed }) => seed),
    values,
    band,
    reproduced: fast ? null : (everySeed ? values : [value]).every((v) => v >= least && v <= most),
    fast,
    ...(marks && atMarks
      ? { marks: { x: [...marks.x], published: [...marks.y], values: atMarks, within: marks.within } }
      : {}),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The sample's standard deviation. */
function deviation(values: readonly number[]): number {
  const center = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
