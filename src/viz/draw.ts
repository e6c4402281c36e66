import { plotlyPage } from "#platform";
import { plainJson } from "./json.ts";
import { DEFAULT_HEIGHT, DEFAULT_WIDTH } from "./layout.ts";
import { tidySvg } from "./svg.ts";
import { formatNumber } from "./text.ts";
import { type Content, isList, type Thinned, thin } from "./thin.ts";

/** A notebook carries its pictures: one of them takes at most this many bytes. */
export const MAX_SVG_BYTES = 150_000;

/** More points than this to a line cannot be told apart in a picture 700 pixels wide. */
const MAX_POINTS = 2_000;
const CELLS_PER_POINT = 20;
const FEWEST_POINTS = 8;

/**
 * A picture without scripts, made by plotly itself. Thinned until it fits into `MAX_SVG_BYTES`; then a note in the
 * picture and in its alternative text says so.
 * @throws {MissingPackageError} if plotly.js, jsdom or (for heat maps) @napi-rs/canvas is not installed.
 */
export function drawSvg(
  content: Content,
  alt: string,
  size: { width?: number; height?: number } = {},
): string {
  const width = size.width ?? content.layout.width ?? DEFAULT_WIDTH;
  const height = size.height ?? content.layout.height ?? DEFAULT_HEIGHT;
  const sized = { data: content.data, layout: { ...content.layout, width, height } };
  let limit = Math.min(MAX_POINTS, largest(content));
  for (;;) {
    const thinned = thin(sized, limit, limit * CELLS_PER_POINT);
    const svg = tidySvg(drawOnce(withNote(thinned)), [alt, noteOf(thinned)].filter(Boolean).join(" "));
    const bytes = new TextEncoder().encode(svg).length;
    if (bytes <= MAX_SVG_BYTES || limit <= FEWEST_POINTS) return svg;
    limit = Math.max(FEWEST_POINTS, Math.floor(limit * Math.min(0.8, (0.9 * MAX_SVG_BYTES) / bytes)));
  }
}

/**
 * Plotly answers with promises, but without remote fonts, maps or TeX it has drawn everything before it returns
 * (a test compares the two), so that a figure needs no `await`.
 */
function drawOnce({ data, layout }: Content): string {
  const { document, plotly, parse } = plotlyPage();
  const div = document.createElement("div");
  document.body.appendChild(div);
  const clear = (): void => {
    plotly.purge(div);
    div.remove();
  };
  // Plotly gives each trace a random name of its own, which would stand in the classes of the picture.
  const named = data.map((trace, i) => ({ ...trace, uid: `t${i}` }));
  const json = JSON.stringify(plainJson({ data: named, layout }));
  const figure = parse(json) as { data: unknown; layout: unknown };
  const drawing = plotly.newPlot(div, figure.data, figure.layout, { staticPlot: true });
  drawing.then(clear, clear);
  return plotly.Snapshot.toSVG(div, "svg", 1);
}

/** The size of the largest trace, in points. */
function largest({ data }: Content): number {
  const sizes = data.map(({ y, z }) => {
    if (isList(z))
      return (z.length * ((z[0] as ArrayLike<number> | undefined)?.length ?? 0)) / CELLS_PER_POINT;
    return isList(y) ? y.length : 0;
  });
  return Math.max(FEWEST_POINTS, Math.ceil(Math.max(0, ...sizes)));
}

function noteOf({ shown, total }: Thinned): string {
  return total === 0 ? "" : `Thinned: ${formatNumber(shown)} of ${formatNumber(total)} values drawn.`;
}

/** Says in the picture itself that values are missing from it, small and at the lower right edge. */
export function withNote(thinned: Thinned): Content {
  const text = noteOf(thinned);
  if (text === "") return thinned;
  const { data, layout } = thinned;
  const others = Array.isArray(layout.annotations) ? layout.annotations : [];
  const bottom = (layout.margin as { b?: number } | undefined)?.b ?? 80;
  const note = {
    text,
    showarrow: false,
    xref: "paper",
    yref: "paper",
    x: 1,
    xanchor: "right",
    y: 0,
    yanchor: "top",
    yshift: -(bottom - 16),
    font: { size: 10 },
  };
  return { data, layout: { ...layout, annotations: [...others, note] } };
}
