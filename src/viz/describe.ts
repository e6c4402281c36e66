import type { AxesOptions } from "./axes.ts";
import { type References, referencesOf, referenceText } from "./references.ts";
import type { Curve } from "./series.ts";
import { count, formatNumber, listed } from "./text.ts";

/** Alternative text for curves: what is drawn over what, and of each curve its first, last, lowest and highest value. */
export function describeCurves(curves: readonly Curve[], options: AxesOptions): string {
  const { title, xLabel = "x", yLabel = "y", logX = false, logY = false } = options;
  const scales = [logX && "horizontal", logY && "vertical"].filter((axis) => axis !== false);
  const sentences = [
    `${title ? `${title}: ` : ""}${yLabel} over ${xLabel}${
      scales.length > 0 ? `, ${listed(scales)} axis logarithmic` : ""
    }.`,
    ...curves.filter(({ faint }) => !faint).map((curve) => describeCurve(curve)),
    ...describeReferences(options.horizontal, "Horizontal line"),
    ...describeReferences(options.vertical, "Vertical line"),
    missingOnLog(curves, logX, logY),
  ];
  return sentences.filter(Boolean).join(" ");
}

function describeCurve({ name, x, y }: Curve): string {
  const finite = y.map((_, i) => i).filter((i) => Number.isFinite(y[i]));
  const label = name === "" ? "" : `${name}: `;
  if (finite.length === 0) return `${label}no finite value among ${count(y.length, "point")}.`;
  const at = (i: number): string => `${formatNumber(y[i])} at ${formatNumber(x[i])}`;
  const [first, last] = [finite[0], finite[finite.length - 1]];
  const lowest = finite.reduce((best, i) => (y[i] < y[best] ? i : best));
  const highest = finite.reduce((best, i) => (y[i] > y[best] ? i : best));
  const gaps = y.length - finite.length;
  const parts = [
    y.length === 1
      ? `one point, ${at(first)}`
      : `${count(y.length, "point")}, from ${at(first)} to ${at(last)}`,
    lowest !== first && lowest !== last ? `lowest ${at(lowest)}` : "",
    highest !== first && highest !== last ? `highest ${at(highest)}` : "",
    gaps > 0 ? `${formatNumber(gaps)} not finite` : "",
  ];
  const sentence = `${label}${parts.filter(Boolean).join(", ")}.`;
  return name === "" ? sentence[0].toUpperCase() + sentence.slice(1) : sentence;
}

function describeReferences(references: References | undefined, kind: string): string[] {
  const list = referencesOf(references, false, kind);
  if (list.length === 0) return [];
  return [`${kind}${list.length === 1 ? "" : "s"}: ${listed(list.map(referenceText))}.`];
}

function missingOnLog(curves: readonly Curve[], logX: boolean, logY: boolean): string {
  let lost = 0;
  for (const { x, y, faint } of curves) {
    if (!faint) lost += y.filter((value, i) => (logY && value <= 0) || (logX && x[i] <= 0)).length;
  }
  return lost === 0 ? "" : `${count(lost, "point")} ≤ 0 not drawn on a logarithmic axis.`;
}
