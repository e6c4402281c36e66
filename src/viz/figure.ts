import { writeFileAtomic } from "#platform";
import { ArgumentError, MissingPackageError } from "../errors.ts";
import { type MimeBundle, showAs } from "../show.ts";
import { drawSvg, withNote } from "./draw.ts";
import { merged, plainJson } from "./json.ts";
import { figurePage, type PageOptions } from "./page.ts";
import { type Content, thin } from "./thin.ts";
import type { Layout, Trace } from "./types.ts";

/** Plotly's JSON, as it stands in a notebook. */
export interface PlotlyJson {
  data: Trace[];
  layout: Layout;
  config: Record<string, unknown>;
}

/** What a notebook stores of one trace at most, so that a long training does not swell its file. */
const MAX_POINTS_STORED = 2_000;
const MAX_CELLS_STORED = 20_000;

/**
 * A picture as data: plotly's traces and layout, and the text for readers who cannot see it. Nothing is drawn, and no
 * package loaded, before the figure is shown or saved.
 *
 * As the last value of a notebook cell it shows itself as one bundle: interactive for front ends that know
 * `application/vnd.plotly.v1+json`, a static `image/svg+xml` for the others (GitHub, nbconvert), `text/plain` for the
 * rest. There is no `text/html` in it, so that a notebook carries no script.
 */
export class Figure implements Content {
  readonly data: readonly Trace[];
  readonly layout: Layout;
  readonly alt: string;

  constructor({ data, layout = {}, alt }: { data: readonly Trace[]; layout?: Layout; alt: string }) {
    if (!Array.isArray(data)) throw new ArgumentError("Figure: data must be an array of traces");
    if (typeof alt !== "string" || alt.trim() === "") {
      throw new ArgumentError("Figure: alt, the text for readers who cannot see the picture, is missing");
    }
    const webgl = data.find(({ type }) => /gl$|3d$|^(surface|mesh3d|cone|streamtube|volume)/.test(type));
    if (webgl) {
      throw new ArgumentError(
        `Figure: traces of type "${webgl.type}" need WebGL, and no static picture can be made of them`,
      );
    }
    this.data = data;
    this.layout = layout;
    this.alt = alt;
  }

  /** A figure with some settings changed: `figure.update({ yaxis: { range: [0, 3] } })` keeps the rest of yaxis. */
  update(layout: Layout, alt: string = this.alt): Figure {
    return new Figure({ data: this.data, layout: merged(this.layout, layout) as Layout, alt });
  }

  /** The whole figure as plain JSON: `Plotly.newPlot(div, json.data, json.layout, json.config)`. */
  toJSON(): PlotlyJson {
    return interactive(this);
  }

  /**
   * The static picture, with all text as text. Sizes are in pixels, 700 × 420 unless the figure has its own.
   * @throws {MissingPackageError} naming what to install, if plotly.js, jsdom or (heat maps) @napi-rs/canvas is missing.
   */
  toSVG(size: { width?: number; height?: number } = {}): string {
    return drawSvg(this, this.alt, size);
  }

  /** A page for a file: interactive, and whole in itself unless `plotly` gives the address of the script. */
  toHTML(options: PageOptions = {}): string {
    return figurePage(this.toJSON(), this.alt, options);
  }

  /**
   * Writes .html, .svg or .json, by the ending of the path, the whole file or nothing.
   * @throws {ArgumentError} for another ending.
   */
  save(path: string): this {
    const ending = /\.[^./\\]*$/.exec(path)?.[0].toLowerCase();
    if (ending === ".html") writeFileAtomic(path, this.toHTML());
    else if (ending === ".svg") writeFileAtomic(path, this.toSVG());
    else if (ending === ".json") writeFileAtomic(path, `${JSON.stringify(this.toJSON())}\n`);
    else throw new ArgumentError(`Figure.save: the path must end in .html, .svg or .json, got "${path}"`);
    return this;
  }
}

function interactive(content: Content): PlotlyJson {
  const autosize = content.layout.width === undefined ? { autosize: true } : {};
  return plainJson({
    data: content.data,
    layout: { ...autosize, ...content.layout },
    config: { responsive: true, displaylogo: false },
  }) as PlotlyJson;
}

function bundle(figure: Figure): MimeBundle {
  const stored = withNote(thin(figure, MAX_POINTS_STORED, MAX_CELLS_STORED));
  const svg = staticPicture(figure);
  return {
    "application/vnd.plotly.v1+json": interactive(stored),
    ...(svg === undefined ? {} : { "image/svg+xml": svg }),
    "text/plain": figure.alt,
  };
}

const warned = new Set<string>();

/** The picture if it can be drawn here; a missing package is said once and costs only the picture. */
function staticPicture(figure: Figure): string | undefined {
  try {
    return figure.toSVG();
  } catch (error) {
    if (!(error instanceof MissingPackageError)) throw error;
    if (!warned.has(error.message)) {
      warned.add(error.message);
      console.warn(`${error.message} (The figure is shown without its static picture.)`);
    }
    return undefined;
  }
}

showAs(Figure, bundle, (figure) => figure.alt);
