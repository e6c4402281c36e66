import { ArgumentError, describe, expectOptions } from "../../errors.ts";
import { addK, maximumLikelihood } from "./add-k.ts";
import type { NGramCounts } from "./counts.ts";
import { jelinekMercer } from "./jelinek-mercer.ts";
import { kneserNey } from "./kneser-ney.ts";
import type { Smoother, Smoothing } from "./smoother.ts";
import { stupidBackoff } from "./stupid-backoff.ts";
import type { Sequences } from "./symbols.ts";

const OPTIONS: Readonly<Record<Smoothing["kind"], readonly string[]>> = {
  mle: [],
  addK: ["k"],
  jelinekMercer: ["lambdas", "floor", "unseen"],
  kneserNey: ["discount", "floor"],
  stupidBackoff: ["alpha"],
};

/** @throws {ArgumentError} for an unknown method or an option out of range. */
export function makeSmoother(
  counts: NGramCounts,
  order: number,
  smoothing: Smoothing,
  heldOut: () => Sequences,
): Smoother {
  const kind = smoothing?.kind;
  if (Object.hasOwn(OPTIONS, kind))
    expectOptions(smoothing, ["kind", ...OPTIONS[kind]], `NGramLM: smoothing "${kind}"`);
  switch (kind) {
    case "mle":
      return maximumLikelihood(counts);
    case "addK":
      return addK(counts, smoothing.k);
    case "jelinekMercer":
      return jelinekMercer(counts, order, smoothing, heldOut);
    case "kneserNey":
      return kneserNey(counts, order, smoothing);
    case "stupidBackoff":
      return stupidBackoff(counts, smoothing.alpha);
    default:
      throw new ArgumentError(
        `NGramLM: unknown smoothing ${describe((smoothing as { kind?: unknown } | undefined)?.kind)}; use ` +
          '{ kind: "mle" }, "addK", "jelinekMercer", "kneserNey" or "stupidBackoff"',
      );
  }
}
