import { textWidth } from "../platform/text-width.ts";
import { escapeLabel } from "./text.ts";
import { palette, sequence, translucent } from "./theme.ts";
import type { Layout } from "./types.ts";

export const DEFAULT_WIDTH = 700;
export const DEFAULT_HEIGHT = 420;

/** No spaces in the names, so that no quotes are needed; Arial's widths are those of Helvetica and Liberation Sans. */
const FONT = "Arial, Helvetica, sans-serif";
const FONT_SIZE = 13;
const GRID = translucent(palette.neutral, 0.25);

const MARGIN_LEFT = 56;
const MARGIN_RIGHT = 24;
const MARGIN_BOTTOM = 48;
const LEGEND_ROW = 21;
/** What plotly puts around a name in a legend: the sample of the line, and gaps. */
const LEGEND_PADDING = 50;

/** What decides how much room a figure needs around its plot. */
export interface Frame {
  title?: string;
  width?: number;
  height?: number;
  /** The names in the legend; each group stands in a column of its own. */
  legend?: readonly (readonly string[])[];
  /** Room wanted at the right of the plot, in pixels. */
  right?: number;
}

/** The layout that all figures start from: transparent, mid-grey text, title and legend above the plot. */
export function baseLayout(frame: Frame): Layout {
  const { title = "", width, height = DEFAULT_HEIGHT } = frame;
  const font = { family: FONT, size: FONT_SIZE };
  const heading = { x: 0.02, xanchor: "left", y: 1, yanchor: "top", pad: { t: 12 }, font: { size: 16 } };
  return {
    ...(title === "" ? {} : { title: { text: escapeLabel(title), ...heading } }),
    ...(width === undefined ? {} : { width }),
    height,
    margin: marginsOf(frame),
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { ...font, color: palette.neutral },
    colorway: sequence,
    hoverlabel: { font },
    legend: { orientation: "h", x: 0, xanchor: "left", y: 1.01, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" },
  };
}

export function marginsOf({ title = "", width = DEFAULT_WIDTH, legend = [], right = 0 }: Frame): {
  l: number;
  r: number;
  t: number;
  b: number;
} {
  const r = Math.max(MARGIN_RIGHT, right);
  const rows = legendRows(legend, width - MARGIN_LEFT - r);
  return { l: MARGIN_LEFT, r, t: (title === "" ? 16 : 44) + rows * LEGEND_ROW, b: MARGIN_BOTTOM };
}

/** Settings shared by all axes. The label gives the unit. */
export function axis(label: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    title: { text: escapeLabel(label), standoff: 8 },
    automargin: true,
    gridcolor: GRID,
    linecolor: palette.neutral,
    tickcolor: palette.neutral,
    showline: true,
    ticks: "outside",
    ticklen: 4,
    zeroline: false,
    ...more,
  };
}

/** An axis of names or positions, without line and marks. */
export function nameAxis(
  label: string,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return axis(label, { ticks: "", showline: false, showgrid: false, ticklabelstandoff: 4, ...more });
}

/**
 * A logarithmic axis. Up to three powers of ten the marks are 1, 2, 5, 10 …, written out: plotly's own choice is a
 * bare "2" for 0.2.
 */
export function logScale(range: readonly [number, number] | undefined): Record<string, unknown> {
  const decades = range ? Math.log10(range[1] / range[0]) : Infinity;
  if (!(decades > 0.6 && decades <= 3)) return { type: "log" };
  return { type: "log", dtick: "D2", tickformat: ",~g" };
}

/**
 * How many rows a legend above the plot takes. Plotly gives each group a column, and puts the columns side by side
 * as far as there is room.
 */
function legendRows(groups: readonly (readonly string[])[], width: number): number {
  let [rows, height, used] = [0, 0, 0];
  for (const names of groups) {
    const column = Math.max(...names.map((name) => textWidth(name) * FONT_SIZE)) + LEGEND_PADDING;
    if (used > 0 && used + column > width) [rows, height, used] = [rows + height, 0, 0];
    height = Math.max(height, names.length);
    used += column;
  }
  return rows + height;
}
