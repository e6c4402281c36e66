import { writeFileAtomic } from "#platform";
import { registry } from "../autograd/define.ts";
import { ArgumentError, formatShape } from "../errors.ts";
import { textWidth } from "../platform/text-width.ts";
import { showAs } from "../show.ts";
import type { Passage } from "./layered.ts";
import { count, escapeHtml, printable } from "./text.ts";
import { palette } from "./theme.ts";

/** What a box stands for: an op, a leaf that collects a gradient, or an input without one. */
export type GraphNodeKind = "op" | "leaf" | "constant";

/** A box of the drawing. Lengths in pixels; (x, y) is its left upper corner. */
export interface GraphNode {
  readonly kind: GraphNodeKind;
  /** The op's name, or the tensor's; "" for one without a name. */
  readonly name: string;
  /** Shapes of the results: one, except for ops such as `split`. */
  readonly shapes: readonly (readonly number[])[];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A flow of data, between positions in `nodes`. */
export interface GraphEdge {
  readonly from: number;
  readonly to: number;
  /** Where the line runs straight down; between these it bends. */
  readonly path: readonly Passage[];
}

/** A box before it has a place. */
export type Bare = Pick<GraphNode, "kind" | "name" | "shapes">;

const FONT = "Arial, Helvetica, sans-serif";
const NAME_SIZE = 13;
const SHAPE_SIZE = 11;
const LINE_HEIGHT = 15;
const PADDING = 8;
const NARROWEST = 20;
export const MARGIN = 8;
export const TITLE_HEIGHT = 26;
/** Boxes bring their own light ground, so that their text can be read on any page. */
const STYLES: Readonly<Record<GraphNodeKind, string>> = {
  op: `fill="#ffffff" stroke="${palette.neutral}"`,
  leaf: `fill="#e3eeff" stroke="${palette.lstm}"`,
  constant: `fill="#f2f2f2" stroke="${palette.neutral}" stroke-dasharray="3 2"`,
};
const INK = "#1a1a1a";

/**
 * The picture of a graph. As the last value of a notebook cell it shows itself as SVG, with the same in words for
 * readers who cannot see it.
 */
export class GraphDrawing {
  /** In an order in which data flow from earlier to later ones; the last is what was drawn. */
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly title: string;
  readonly width: number;
  readonly height: number;

  constructor(nodes: readonly GraphNode[], edges: readonly GraphEdge[], title: string) {
    this.nodes = nodes;
    this.edges = edges;
    this.title = title;
    const lines = edges.flatMap(({ path }) => path.map(({ x }) => x));
    const heading = MARGIN + textWidth(title, true) * NAME_SIZE;
    this.width = Math.ceil(MARGIN + Math.max(heading, ...lines, ...nodes.map((n) => n.x + n.width)));
    this.height = Math.ceil(MARGIN + Math.max(...nodes.map((n) => n.y + n.height)));
  }

  /** The graph in words: what there is, then each op with its inputs, in the order of computing. */
  get alt(): string {
    const of = (kind: GraphNodeKind) => this.nodes.filter((n) => n.kind === kind);
    const label = labels(this.nodes);
    const sizes = [
      count(of("op").length, "operation"),
      count(of("leaf").length, "leaf").replace("leafs", "leaves"),
    ];
    const steps = this.nodes.flatMap((node, i) => {
      if (node.kind !== "op") return [];
      const from = this.edges.filter(({ to }) => to === i).map((edge) => label[edge.from]);
      return [`${label[i]} ${shapesOf(node)} from ${from.join(" and ")}`];
    });
    const heading = this.title ? `${this.title}: graph` : "Graph";
    return `${heading} of ${sizes.join(" and ")}. ${steps.length > 0 ? `${steps.join("; ")}.` : ""}`.trim();
  }

  /** The picture: no scripts, no style sheets, text as text. */
  toSVG(): string {
    const { width, height, title, nodes, edges } = this;
    const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
    const heading =
      title &&
      `<text x="${MARGIN}" y="${MARGIN + NAME_SIZE}" font-weight="bold" fill="${palette.neutral}">${escapeHtml(title)}</text>`;
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${escapeHtml(this.alt)}" ` +
      `font-family="${FONT}" font-size="${NAME_SIZE}">${heading}` +
      `<g fill="none" stroke="${palette.neutral}">${edges.map(({ path }) => `<path d="${lineOf(path)}"/>`).join("")}</g>` +
      `<g fill="${palette.neutral}">${edges.map(({ path }) => arrowHead(path.at(-1)!)).join("")}</g>` +
      `<g text-anchor="middle">${nodes.map(boxOf).join("")}</g></svg>`
    );
  }

  toString(): string {
    return this.alt;
  }

  /** Writes the picture (.svg), the whole file or nothing. @throws {ArgumentError} for another ending. */
  save(path: string): this {
    if (!/\.svg$/i.test(path)) {
      throw new ArgumentError(`GraphDrawing.save: the path must end in .svg, got "${path}"`);
    }
    writeFileAtomic(path, this.toSVG());
    return this;
  }
}

showAs(
  GraphDrawing,
  (drawing) => ({ "image/svg+xml": drawing.toSVG(), "text/plain": drawing.alt }),
  (drawing) => drawing.alt,
);

/** What is written in a box, from top to bottom. A number shows its value, which is its name, and no shape. */
function linesOf({ name, kind, shapes }: Bare): { text: string; size: number; bold: boolean }[] {
  const isNumber = kind === "constant" && name !== "" && shapes[0].length === 0;
  const title = { text: printable(name), size: NAME_SIZE, bold: kind === "leaf" };
  const shape = { text: shapesOf({ shapes }), size: SHAPE_SIZE, bold: false };
  return [...(name === "" ? [] : [title]), ...(isNumber ? [] : [shape])];
}

/** `[2,3]`, `3 × [2,3]` where several results have one shape, `[2,3] [2,1]` where they differ. */
function shapesOf({ shapes }: Pick<GraphNode, "shapes">): string {
  const texts = shapes.map(formatShape);
  if (texts.length === 1) return texts[0];
  if (texts.every((text) => text === texts[0])) return `${texts.length} × ${texts[0]}`;
  return texts.length <= 4 ? texts.join(" ") : `${texts.slice(0, 3).join(" ")} … (${texts.length})`;
}

export function sizeOf(box: Bare): { width: number; height: number } {
  const lines = linesOf(box);
  const widths = lines.map(({ text, size, bold }) => textWidth(text, bold) * size);
  const width = Math.ceil(Math.max(NARROWEST, ...widths)) + 2 * PADDING;
  return { width, height: lines.length * LINE_HEIGHT + PADDING };
}

/** A word for each box that tells it from the others: `add`, or `add (2)` for the second one. */
function labels(nodes: readonly GraphNode[]): string[] {
  const seen = new Map<string, number>();
  const named = nodes.map(({ kind, name, shapes }) => name || `a ${kind} ${shapesOf({ shapes })}`);
  return named.map((text) => {
    const rank = (seen.get(text) ?? 0) + 1;
    seen.set(text, rank);
    return rank === 1 ? text : `${text} (${rank})`;
  });
}

const round = (length: number): number => Math.round(length * 10) / 10;

function lineOf(path: readonly Passage[]): string {
  const [{ x, top, bottom }, ...rest] = path;
  let d = `M${round(x)} ${round(top)}V${round(bottom)}`;
  let last = { x, y: bottom };
  for (const next of rest) {
    const middle = round((last.y + next.top) / 2);
    d += `C${round(last.x)} ${middle} ${round(next.x)} ${middle} ${round(next.x)} ${round(next.top)}V${round(next.bottom)}`;
    last = { x: next.x, y: next.bottom };
  }
  return d;
}

function arrowHead({ x, bottom }: Passage): string {
  return `<path d="M${round(x)} ${round(bottom)}l-3.5 -7h7z"/>`;
}

function boxOf(node: GraphNode): string {
  const { kind, name, x, y, width, height } = node;
  const middle = round(x + width / 2);
  const lines = linesOf(node).map(({ text, size, bold }, i) => {
    const style = (size === NAME_SIZE ? "" : ` font-size="${size}"`) + (bold ? ' font-weight="bold"' : "");
    const baseline = round(y + (i + 1) * LINE_HEIGHT + 1);
    return `<text x="${middle}" y="${baseline}" fill="${INK}"${style}>${escapeHtml(text)}</text>`;
  });
  const formula = kind === "op" ? registry.get(name)?.formula : undefined;
  const tip = formula ? `<title>${escapeHtml(`${name}: ${formula}`)}</title>` : "";
  const radius = kind === "op" ? 4 : 12;
  return (
    `<g>${tip}<rect x="${round(x)}" y="${round(y)}" width="${width}" height="${height}" rx="${radius}" ${STYLES[kind]}/>` +
    `${lines.join("")}</g>`
  );
}
