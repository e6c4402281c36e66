import { mkdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { writeFileAtomic } from "#platform";
import { viz } from "../../index.ts";
import { writeJson } from "../run.ts";
import type { Reproduced } from "./runner.ts";
import type { Reproduction } from "./types.ts";

/** The curves of all seeds, with the reference drawn in. */
function curveFigure(one: Reproduction, { runs, result }: Reproduced): viz.Figure {
  const measured = runs.flatMap(({ seed, curve }) =>
    [...new Set(curve.map(({ series }) => series))].map((series) => {
      const points = curve.filter((point) => point.series === series);
      const run = one.deterministic ? "unrolled" : `seed ${seed}`;
      return {
        name: series === undefined ? run : `${series}, ${run}`,
        x: points.map(({ x }) => x),
        y: points.map(({ y }) => y),
      };
    }),
  );
  // A published value must not look like a goal that a curve of another part of the corpus has missed.
  const apart = one.part && `, ${one.part}`;
  const ends = !apart
    ? []
    : runs.map(({ seed, curve, value }) => ({
        name: `seed ${seed}${apart}`,
        x: curve.slice(-1).map(({ x }) => x),
        y: [value],
        mode: "markers" as const,
      }));
  const reference = one.marks
    ? [{ name: "reference", x: one.marks.x, y: one.marks.y, mode: "markers" as const, symbol: "x" }]
    : [];
  const levels = {
    ...(one.published === null || one.marks ? {} : { [`published${apart ?? ""}`]: one.published }),
    ...one.baseline,
  };
  return viz.lines([...measured, ...ends, ...reference], {
    title: one.name,
    xLabel: one.axes.x,
    yLabel: one.axes.y,
    ...(Object.keys(levels).length > 0 ? { horizontal: levels } : {}),
    alt:
      `${one.title}: ${one.axes.y} over ${one.axes.x}, ${runs.length} ${runs.length === 1 ? "run" : "runs"}, ` +
      `ending at ${result.value.toFixed(4)} ${one.unit}; the reference is ${one.published ?? "not published"}.`,
  });
}

/** Where the runs took place; stands beside every recorded number. */
export function machine(): Record<string, string> {
  return {
    cpu: os.cpus()[0]?.model ?? "unknown",
    cores: String(os.cpus().length),
    system: `${os.platform()} ${os.arch()}`,
    node: process.version,
  };
}

/** Writes NAME.json, NAME.csv and NAME.svg into a folder. @returns their paths. */
export function writeRecord(folder: string, one: Reproduction, done: Reproduced, command: string): string[] {
  mkdirSync(folder, { recursive: true });
  const file = (ending: string) => path.join(folder, `${one.name}.${ending}`);
  const date = new Date().toISOString().slice(0, 10);
  writeJson(file("json"), { ...done.result, title: one.title, command, date, machine: machine() });
  writeFileAtomic(file("csv"), curveCsv(one, done));
  curveFigure(one, done).save(file("svg"));
  return [file("json"), file("csv"), file("svg")];
}

function curveCsv({ axes }: Reproduction, { runs }: Reproduced): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const rows = runs.flatMap(({ seed, curve }) =>
    curve.map(({ x, y, series = "" }) => `${seed},${series},${x},${y}`),
  );
  return `${["seed", "series", quoted(axes.x), quoted(axes.y)].join(",")}\n${rows.join("\n")}\n`;
}
