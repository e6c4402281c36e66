/** The map of the course as a picture: boxes in rows, an arrow from each lecture to those that build on it. */
import { escapeHtml } from "../../src/viz/text.ts";
import { type Lecture, lectures } from "./course.ts";

const WIDTH = 304;
const HEIGHT = 32;
const [COLUMN, ROW] = [320, 56];

/** Row and column of those that do not simply follow on each other in the middle. */
const PLACES: Readonly<Record<string, readonly [row: number, column: number]>> = {
  "13": [10, 0],
  "14": [10, 2],
  "12": [11, 0.5],
  "11": [11, 1.5],
  "16": [12, 0],
  "17": [12, 1],
  "15": [12, 2],
};

const placeOf = (number: string): readonly [number, number] => PLACES[number] ?? [Number(number), 1];
const leftOf = (number: string): number => 10 + placeOf(number)[1] * COLUMN;
const topOf = (number: string): number => 10 + placeOf(number)[0] * ROW;

/** Needs that do not follow from other needs: 07 needs 06, and with it all before. */
function direct({ needs }: Lecture): string[] {
  const before = (number: string): string[] => {
    const found = lectures.find((one) => one.number === number)?.needs ?? [];
    return [...found, ...found.flatMap(before)];
  };
  const implied = new Set(needs.flatMap(before));
  return needs.filter((one) => !implied.has(one));
}

export function courseMap(): string {
  const arrows = lectures.flatMap((lecture) =>
    direct(lecture).map((from) => {
      const [x1, y1] = [leftOf(from) + WIDTH / 2, topOf(from) + HEIGHT];
      const [x2, y2] = [leftOf(lecture.number) + WIDTH / 2, topOf(lecture.number) - 2];
      const half = (y1 + y2) / 2;
      return `<path d="M${x1},${y1} C${x1},${half} ${x2},${half} ${x2},${y2}" marker-end="url(#tip)"/>`;
    }),
  );
  const boxes = lectures.map(({ number, title, written }) => {
    const [x, y] = [leftOf(number), topOf(number)];
    const text = escapeHtml(`${number} · ${title}`);
    const dashed = written ? "" : ' class="planned"';
    return (
      `<rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="6"${dashed}/>` +
      `<text x="${x + WIDTH / 2}" y="${y + 21}">${text}</text>`
    );
  });
  const [width, height] = [20 + 2 * COLUMN + WIDTH, 20 + 12 * ROW + HEIGHT];
  const style =
    "path{fill:none;stroke:#7a7a7a;stroke-width:1.5}" +
    "rect{fill:#fff;stroke:#116eff;stroke-width:1.5}rect.planned{stroke:#7a7a7a;stroke-dasharray:4 4}" +
    "text{font:13px sans-serif;text-anchor:middle;fill:#111}#tip path{fill:#7a7a7a;stroke:none}" +
    "@media(prefers-color-scheme:dark){rect{fill:#111}text{fill:#eee}}";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeHtml(describeMap())}</title>`,
    `<style>${style}</style>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z"/></marker></defs>',
    ...arrows,
    ...boxes,
    "</svg>",
    "",
  ].join("\n");
}

/** The same in words. */
export function describeMap(): string {
  const lines = lectures
    .filter(({ needs }) => needs.length > 0)
    .map((one) => `${one.number} after ${direct(one).join(" and ")}`);
  return `Map of the lectures: ${lines.join(", ")}.`;
}
