import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { MissingPackageError } from "../errors.ts";
import { type Box, clientBox, localBox, type SvgNode, textLength } from "./svg-layout.ts";
import type { PageDocument, PlotlyLibrary, PlotlyPage } from "./types.ts";

const load = createRequire(import.meta.url);
const PURPOSE = "A static picture of a figure";

/** The parts of a jsdom window that are read or replaced here. */
interface Window {
  readonly document: PageDocument & { createElementNS(namespace: string, tag: string): object };
  readonly JSON: typeof JSON;
  readonly SVGElement: { prototype: object };
  readonly HTMLCanvasElement: { prototype: object };
  readonly URL: { createObjectURL?: unknown };
  readonly Plotly: PlotlyLibrary;
  getComputedStyle(element: object): object;
  eval(source: string): unknown;
}

interface JsDom {
  JSDOM: new (html: string, options: object) => { readonly window: Window };
  VirtualConsole: new () => object;
}

interface Canvas {
  getContext(kind: string): unknown;
  toDataURL(type?: string): string;
}

let page: PlotlyPage | undefined;
let source: string | undefined;

/** plotly.js in a jsdom window; the first call takes about a second, later ones nothing. */
export function plotlyPage(): PlotlyPage {
  if (page) return page;
  const script = plotlySource();
  const { JSDOM, VirtualConsole } = requireOptional<JsDom>("jsdom", PURPOSE);
  // A virtual console of its own swallows jsdom's "not implemented" notes, which are of no use to a reader.
  const { window } = new JSDOM("<!doctype html><html><body></body></html>", {
    runScripts: "outside-only",
    virtualConsole: new VirtualConsole(),
  });
  addMissingParts(window);
  window.eval(script);
  page = {
    document: window.document,
    plotly: window.Plotly,
    parse: (json) => window.JSON.parse(json),
  };
  return page;
}

/** The minified source of plotly.js, from whichever of its packages is installed. */
export function plotlySource(): string {
  if (source) return source;
  for (const file of ["plotly.js/plotly.min.js", "plotly.js/dist/plotly.min.js", "plotly.js-dist-min"]) {
    try {
      source = readFileSync(load.resolve(file), "utf8");
      return source;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  throw new MissingPackageError("plotly.js", "A figure");
}

/** What plotly asks of a page and jsdom does not have: the sizes of texts, a 2-D canvas, text coders. */
function addMissingParts(window: Window): void {
  const rect = ({ x0, y0, x1, y1 }: Box) => {
    const [width, height] = [x1 - x0, y1 - y0];
    return { x: x0, y: y0, left: x0, top: y0, right: x1, bottom: y1, width, height };
  };
  define(window.SVGElement.prototype, {
    getBBox(this: SvgNode) {
      return rect(localBox(this) ?? { x0: 0, y0: 0, x1: 0, y1: 0 });
    },
    getBoundingClientRect(this: SvgNode) {
      return rect(clientBox(this));
    },
    getComputedTextLength(this: SvgNode) {
      return textLength(this);
    },
  });

  const canvases = new WeakMap<object, Canvas>();
  const drawn = (element: { width: number; height: number }): Canvas => {
    let canvas = canvases.get(element);
    if (!canvas) {
      const { createCanvas } = requireOptional<{ createCanvas(width: number, height: number): Canvas }>(
        "@napi-rs/canvas",
        "A static picture of a heat map",
      );
      canvas = createCanvas(element.width, element.height);
      canvases.set(element, canvas);
    }
    return canvas;
  };
  define(window.HTMLCanvasElement.prototype, {
    getContext(this: { width: number; height: number }, kind: string) {
      // plotly also probes for WebGL, and for the syntax of colours while it loads.
      return kind === "2d" && page ? drawn(this).getContext("2d") : null;
    },
    toDataURL(this: { width: number; height: number }, type?: string) {
      return drawn(this).toDataURL(type);
    },
  });

  // Lets plotly write one pixel for each cell of a heat map and leave the enlarging to the viewer, unsmoothed.
  const computed = window.getComputedStyle.bind(window);
  const getComputedStyle = (element: { nodeName?: string }) =>
    element.nodeName?.toLowerCase() === "image" ? { imageRendering: "pixelated" } : computed(element);
  define(window, { getComputedStyle, TextDecoder, TextEncoder });
  define(window.URL, { createObjectURL: () => "" });
}

function define(target: object, members: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
  }
}

function requireOptional<T>(packageName: string, purpose: string): T {
  try {
    return load(packageName) as T;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new MissingPackageError(packageName, purpose, { cause: error });
  }
}

function isNotFound(error: unknown): boolean {
  const code = (error as { code?: string } | null)?.code;
  return code === "MODULE_NOT_FOUND" || code === "ERR_PACKAGE_PATH_NOT_EXPORTED";
}
