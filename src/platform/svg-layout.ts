import { ASCENT, DESCENT, textWidth } from "./text-width.ts";

/**
 * jsdom builds a document but lays nothing out: every box in it is empty, and plotly, which asks the page how large
 * its texts are, would crop legends and titles. These functions answer for SVG text, with the groups and transforms
 * around it. Paths have no box here; plotly never asks for one in a static picture.
 */
export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** What is used of a DOM element, so that the types of jsdom are not needed. */
export interface SvgNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly childNodes: ArrayLike<SvgNode>;
  readonly parentNode: SvgNode | null;
  readonly style?: { fontSize: string; fontWeight: string; display: string };
  getAttribute(name: string): string | null;
}

/** Row-major [a, c, e, b, d, f] as in SVG's matrix(a b c d e f): x′ = a·x + c·y + e, y′ = b·x + d·y + f. */
type Affine = readonly [a: number, c: number, e: number, b: number, d: number, f: number];

const IDENTITY: Affine = [1, 0, 0, 0, 1, 0];
const ELEMENT = 1;
const TEXT = 3;

/** The box in the element's own coordinates, as `getBBox` gives it; undefined if nothing in it has a size. */
export function localBox(node: SvgNode): Box | undefined {
  if (node.style?.display === "none") return undefined;
  switch (node.nodeName.toLowerCase()) {
    case "text":
      return textBox(node);
    case "rect":
    case "image": {
      const [x, y] = [number(node, "x"), number(node, "y")];
      return { x0: x, y0: y, x1: x + number(node, "width"), y1: y + number(node, "height") };
    }
    case "g":
    case "a":
    case "svg":
      return children(node).reduce<Box | undefined>((all, child) => {
        const box = localBox(child);
        return box ? union(all, transformed(box, transformOf(child))) : all;
      }, undefined);
    default:
      return undefined;
  }
}

/** The box as it lies in the outermost picture, as `getBoundingClientRect` gives it for a picture at the page's origin. */
export function clientBox(node: SvgNode): Box {
  let box = localBox(node) ?? { x0: 0, y0: 0, x1: 0, y1: 0 };
  for (let at: SvgNode | null = node; at !== null && at.nodeType === ELEMENT; at = at.parentNode) {
    box = transformed(box, transformOf(at));
  }
  return box;
}

/** The length of a text element in pixels, as `getComputedTextLength` gives it: of its longest line. */
export function textLength(node: SvgNode): number {
  const font = fontOf(node);
  return runLength(node, font.size, font.bold);
}

function textBox(text: SvgNode): Box | undefined {
  const lines = children(text).filter((child) => (child.getAttribute("class") ?? "").includes("line"));
  return (lines.length > 0 ? lines : [text]).reduce<Box | undefined>((all, line) => {
    const { size, bold } = fontOf(text);
    const width = runLength(line, size, bold);
    if (width === 0) return all;
    const anchor = text.getAttribute("text-anchor");
    const x = number(line, "x", number(text, "x"));
    const x0 = anchor === "middle" ? x - width / 2 : anchor === "end" ? x - width : x;
    const shift = /em$/.test(line.getAttribute("dy") ?? "") ? Number.parseFloat(line.getAttribute("dy")!) : 0;
    const y = number(line, "y", number(text, "y")) + shift * size;
    return union(all, { x0, x1: x0 + width, y0: y - ASCENT * size, y1: y + DESCENT * size });
  }, undefined);
}

function runLength(node: SvgNode, size: number, bold: boolean): number {
  let length = 0;
  for (let i = 0; i < node.childNodes.length; i++) {
    const child = node.childNodes[i];
    if (child.nodeType === TEXT) length += size * textWidth(child.textContent ?? "", bold);
    else if (child.nodeType === ELEMENT) {
      const font = child.style?.fontSize ?? "";
      // Sub- and superscripts say their size in per cent of the text around them.
      const inner = font.endsWith("%") ? (size * Number.parseFloat(font)) / 100 : Number.parseFloat(font);
      length += runLength(child, inner || size, bold || isBold(child));
    }
  }
  return length;
}

function fontOf(node: SvgNode): { size: number; bold: boolean } {
  for (let at: SvgNode | null = node; at?.nodeType === ELEMENT; at = at.parentNode) {
    const size = Number.parseFloat(at.style?.fontSize || at.getAttribute("font-size") || "");
    if (size > 0) return { size, bold: isBold(at) };
  }
  return { size: 12, bold: false };
}

function isBold(node: SvgNode): boolean {
  const weight = node.style?.fontWeight || "";
  return weight === "bold" || Number(weight) >= 600;
}

function children(node: SvgNode): SvgNode[] {
  return Array.from(node.childNodes).filter((child) => child.nodeType === ELEMENT);
}

function number(node: SvgNode, name: string, otherwise: number = 0): number {
  const value = Number.parseFloat(node.getAttribute(name) ?? "");
  return Number.isFinite(value) ? value : otherwise;
}

function union(a: Box | undefined, b: Box): Box {
  if (a === undefined) return b;
  return {
    x0: Math.min(a.x0, b.x0),
    y0: Math.min(a.y0, b.y0),
    x1: Math.max(a.x1, b.x1),
    y1: Math.max(a.y1, b.y1),
  };
}

function transformOf(node: SvgNode): Affine {
  let result = IDENTITY;
  for (const [, name, list] of (node.getAttribute("transform") ?? "").matchAll(/(\w+)\s*\(([^)]*)\)/g)) {
    const values = list
      .trim()
      .split(/[\s,]+/)
      .map(Number);
    result = multiply(result, elementary(name, values));
  }
  return result;
}

function elementary(name: string, values: number[]): Affine {
  const [u = 0, v = 0, w = 0] = values;
  if (name === "translate") return [1, 0, u, 0, 1, v];
  if (name === "scale") return [u, 0, 0, 0, values[1] ?? u, 0];
  if (name === "matrix" && values.length === 6) {
    const [a, b, c, d, e, f] = values;
    return [a, c, e, b, d, f];
  }
  if (name === "rotate") {
    const [cos, sin] = [Math.cos((u * Math.PI) / 180), Math.sin((u * Math.PI) / 180)];
    return [cos, -sin, v - cos * v + sin * w, sin, cos, w - sin * v - cos * w];
  }
  return IDENTITY;
}

function multiply(m: Affine, n: Affine): Affine {
  return [
    m[0] * n[0] + m[1] * n[3],
    m[0] * n[1] + m[1] * n[4],
    m[0] * n[2] + m[1] * n[5] + m[2],
    m[3] * n[0] + m[4] * n[3],
    m[3] * n[1] + m[4] * n[4],
    m[3] * n[2] + m[4] * n[5] + m[5],
  ];
}

function transformed({ x0, y0, x1, y1 }: Box, [a, c, e, b, d, f]: Affine): Box {
  const xs = [a * x0 + c * y0, a * x1 + c * y0, a * x0 + c * y1, a * x1 + c * y1];
  const ys = [b * x0 + d * y0, b * x1 + d * y0, b * x0 + d * y1, b * x1 + d * y1];
  return {
    x0: Math.min(...xs) + e,
    y0: Math.min(...ys) + f,
    x1: Math.max(...xs) + e,
    y1: Math.max(...ys) + f,
  };
}
