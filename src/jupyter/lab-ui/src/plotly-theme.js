/** Makes a figure fit the page's theme, light or dark. */

const transparent = "rgba(0,0,0,0)";

/** The colours of the theme that is set now, from its CSS variables. */
export function themeColors(style = getComputedStyle(document.body)) {
  const color = (name) => style.getPropertyValue(name).trim();
  return {
    text: color("--jp-content-font-color1"),
    faint: color("--jp-border-color2"),
    line: color("--jp-border-color1"),
    icon: color("--jp-ui-font-color2"),
    background: color("--jp-layout-color0"),
  };
}

/** Whether the figure leaves its background to the page it lies on. */
function lacksBackground({ paper_bgcolor: paper, template }) {
  const own = paper ?? template?.layout?.paper_bgcolor;
  // plotly takes what is no colour for none.
  return typeof own !== "string" || own === "transparent" || own.replace(/\s/g, "") === transparent;
}

/**
 * The layout to draw. A figure without a background of its own takes the theme's colours for text and, unless it
 * has chosen them, for grid and lines; one with a background is left as it is, because its colours belong together.
 * @param {object} layout of the figure; not changed
 * @param {ReturnType<typeof themeColors>} colors
 */
export function themedLayout(layout, colors) {
  if (!lacksBackground(layout)) return layout;
  const axis = {
    gridcolor: colors.faint,
    linecolor: colors.line,
    tickcolor: colors.line,
    zerolinecolor: colors.line,
    automargin: true,
  };
  return {
    ...layout,
    paper_bgcolor: transparent,
    plot_bgcolor: layout.plot_bgcolor ?? layout.template?.layout?.plot_bgcolor ?? transparent,
    font: { ...layout.font, color: colors.text },
    template: {
      ...layout.template,
      layout: {
        ...layout.template?.layout,
        xaxis: { ...axis, ...layout.template?.layout?.xaxis },
        yaxis: { ...axis, ...layout.template?.layout?.yaxis },
        modebar: { bgcolor: transparent, color: colors.icon, activecolor: colors.text },
      },
    },
  };
}
