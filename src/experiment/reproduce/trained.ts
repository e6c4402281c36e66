import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { lm } from "../../index.ts";
import type { ExperimentConfig } from "../config.ts";
import { FILES, type RunOptions, type RunResult, resumeRun, startRun, writeJson } from "../run.ts";
import type { CurvePoint, Reproduction, SeedOptions, SeedResult } from "./types.ts";

interface TrainedReproduction extends Omit<Reproduction, "run" | "axes"> {
  config: Omit<ExperimentConfig, "name">;
  /** What the fast run changes of the options of training. */
  fast: NonNullable<ExperimentConfig["training"]>;
  /** The value, from a finished run. */
  value(result: RunResult, history: lm.History): number;
  axes?: Reproduction["axes"];
  /** The curve; default: validation perplexity by epoch. */
  curve?(history: lm.History, marks: readonly CurvePoint[]): CurvePoint[];
  /** What the marks are: the validation loss after these numbers of tokens, or the test perplexity after each epoch. */
  validateAt?: readonly number[];
  testEachEpoch?: boolean;
}

const FILE = "marks.json";

/** What a fast run evaluates on. */
const FAST_TOKENS = 1000;

/**
 * A number that a configuration reaches: `unrolled train` with the same configuration does the same work. With a folder
 * it checkpoints after every epoch and goes on where it was interrupted.
 */
export function trained(definition: TrainedReproduction): Reproduction {
  const { config, fast, value, curve, validateAt, testEachEpoch, ...rest } = definition;
  return {
    ...rest,
    axes: rest.axes ?? { x: "epoch", y: "validation perplexity" },
    async run({ seed, fast: isFast, out, signal, progress }: SeedOptions): Promise<SeedResult | null> {
      const full: ExperimentConfig = {
        name: rest.name,
        ...config,
        model: { ...config.model, seed },
        training: { ...config.training, ...(isFast ? fast : {}), seed },
      };
      const marks = new Marks(out);
      const options = {
        out,
        signal,
        progress,
        ...(isFast ? { evaluateTokens: FAST_TOKENS } : {}),
        onStep: validateAt && validateAtTokens(validateAt, marks),
        onEpoch: testEachEpoch ? testAfterEpoch(marks) : undefined,
      };
      const goOn = out !== undefined && existsSync(path.join(out, FILES.config));
      const { history, result } = goOn ? await resumeRun(out, options) : await startRun(full, options);
      if (!result) return null;
      return {
        seed,
        value: value(result, history),
        curve: curve?.(history, marks.points) ?? validationCurve(history),
        ...(validateAt || testEachEpoch ? { marks: marks.points.map(({ y }) => y) } : {}),
        seconds: result.seconds,
      };
    },
  };
}

/** The values at the marks, kept beside the run: a run that was interrupted goes on after them. */
class Marks {
  readonly points: CurvePoint[];
  readonly #file: string | undefined;

  constructor(out: string | undefined) {
    this.#file = out === undefined ? undefined : path.join(out, FILE);
    const exists = this.#file !== undefined && existsSync(this.#file);
    this.points = exists ? (JSON.parse(readFileSync(this.#file!, "utf8")) as CurvePoint[]) : [];
  }

  /** One that was interrupted after its last checkpoint comes by the same mark twice. */
  put(point: CurvePoint): void {
    const known = this.points.findIndex(({ x }) => x === point.x);
    if (known >= 0) this.points[known] = point;
    else this.points.push(point);
    if (this.#file !== undefined) writeJson(this.#file, this.points);
  }
}

/** Validates when the training has read so many tokens. */
function validateAtTokens(at: readonly number[], marks: Marks): NonNullable<RunOptions["onStep"]> {
  return ({ tokens, step }, { model, corpus }) => {
    const perStep = tokens / step;
    const x = at.find((mark) => tokens >= mark && tokens - perStep < mark);
    if (x !== undefined) marks.put({ x, y: model.evaluate(corpus).nats });
  };
}

/** The test perplexity after each epoch. */
function testAfterEpoch(marks: Marks): NonNullable<RunOptions["onEpoch"]> {
  return ({ epoch }, { model, corpus }) =>
    marks.put({ x: epoch, y: model.evaluate(corpus, { split: "test" }).perplexity });
}

function validationCurve({ epochs }: lm.History): CurvePoint[] {
  return epochs.flatMap(({ epoch, validLoss }) =>
    validLoss === undefined ? [] : [{ x: epoch, y: Math.exp(validLoss) }],
  );
}
