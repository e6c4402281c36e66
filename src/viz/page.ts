import { plotlySource } from "#platform";
import { escapeHtml } from "./text.ts";

/** Options of `Figure.toHTML`. */
export interface PageOptions {
  /**
   * "inline" (the default) writes plotly.js into the page, 4.6 MB, so that the file needs nothing else; any other
   * text is the address of plotly.js, absolute or relative to the page.
   */
  plotly?: string;
  /** The title of the window. */
  title?: string;
}

/** A whole page around a figure. With plotly inline its policy forbids every access to the network. */
export function figurePage(
  figure: { layout: { width?: unknown } },
  alt: string,
  options: PageOptions,
): string {
  const { plotly = "inline", title = alt.split(/[.:]\s/)[0] } = options;
  const inline = plotly === "inline";
  // `<` never stands in the JSON, so that no label can end the script element.
  const json = JSON.stringify(figure).replace(/</g, "\\u003c");
  const script = inline
    ? `<script>${plotlySource().replace(/<\/script/gi, "<\\/script")}</script>`
    : `<script src="${escapeHtml(plotly)}"></script>`;
  const policy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${inline ? `<meta http-equiv="Content-Security-Policy" content="${policy}">\n` : ""}<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0; padding: 1rem; font-family: Arial, Helvetica, sans-serif; }
</style>
</head>
<body>
<div id="figure" role="img" aria-label="${escapeHtml(alt)}"></div>
<noscript><p>${escapeHtml(alt)}</p></noscript>
<script type="application/json" id="figure-json">${json}</script>
${script}
<script>
const figure = JSON.parse(document.getElementById("figure-json").textContent);
Plotly.newPlot("figure", figure.data, figure.layout, figure.config);
</script>
</body>
</html>
`;
}
