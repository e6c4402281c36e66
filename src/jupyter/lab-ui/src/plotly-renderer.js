/** Draws `application/vnd.plotly.v1+json` with the plotly.js of the bundle, loaded for the first figure. */
import { PageConfig, URLExt } from "@jupyterlab/coreutils";
import { Widget } from "@lumino/widgets";
import { themeColors, themedLayout } from "./plotly-theme.js";

const MIME = "application/vnd.plotly.v1+json";
/** Plotly's own height for a figure that says nothing. */
const DEFAULT_HEIGHT = 450;
/** What a notebook may configure; the others name servers, or need functions. */
const CONFIG = [
  "displayModeBar",
  "scrollZoom",
  "staticPlot",
  "editable",
  "doubleClick",
  "locale",
  "showTips",
];
/** plotly offers to send every figure to its makers' server, unless it is told not to. */
const OFFLINE = { showSendToCloud: false, plotlyServerURL: "", topojsonURL: "" };

let loading;

/** plotly.js is one file of 5 MB that sets a global. */
function loadPlotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = URLExt.join(PageConfig.getOption("fullStaticUrl"), "plotly.min.js");
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      loading = undefined; // the next figure tries again
      script.remove();
      reject(new Error("plotly.min.js could not be loaded; is the server still running?"));
    };
    document.head.append(script);
  });
  return loading;
}

export class PlotlyWidget extends Widget {
  #figure;
  #width = 0;
  /** The figure or the theme has changed since the last drawing. */
  #stale = true;
  /** One drawing after the other: plotly must not be called again before it has ended. */
  #drawn = Promise.resolve();
  #resized = new ResizeObserver(() => this.#draw());
  /** JupyterLab hides the page for less than a frame while it changes the theme, too short for the other observer. */
  #theme = new MutationObserver(() => requestAnimationFrame(() => this.#redraw()));

  constructor() {
    super();
    this.addClass("unrolled-plotly");
    this.node.setAttribute("role", "figure");
    this.#resized.observe(this.node);
    // JupyterLab sets these when the colours of the new theme are there.
    this.#theme.observe(document.body, { attributeFilter: ["data-jp-theme-name", "data-jp-theme-light"] });
  }

  /** Called for the first time before the node is in the page, and again when the output is updated. */
  async renderModel(model) {
    this.#figure = Object(model.data[MIME]);
    const alternative = model.data["text/plain"];
    if (alternative) this.node.setAttribute("aria-label", [alternative].flat().join(""));
    // The place is kept, so that what is below does not jump when the figure comes.
    this.node.style.minHeight = `${this.#figure.layout?.height ?? DEFAULT_HEIGHT}px`;
    await this.#redraw();
  }

  #redraw() {
    this.#stale = true;
    return this.#draw();
  }

  #draw() {
    this.#drawn = this.#drawn.then(() => this.#drawNow()).catch((error) => this.#fail(error));
    return this.#drawn;
  }

  async #drawNow() {
    // Without a place in the page there is no width to draw for; the observer calls when there is.
    const width = this.node.clientWidth;
    if (this.isDisposed || !this.#figure || width === 0 || (!this.#stale && width === this.#width)) return;
    const plotly = await loadPlotly();
    if (this.isDisposed) return;
    this.#width = width;
    if (!this.#stale) {
      if (this.#figure.layout?.width === undefined) await plotly.relayout(this.node, { width });
      return;
    }
    this.#stale = false;
    const { data = [], layout = {}, config = {}, frames } = structuredClone(this.#figure);
    const size = { width: layout.width ?? width, height: layout.height ?? DEFAULT_HEIGHT };
    const allowed = Object.fromEntries(
      CONFIG.filter((key) => key in config).map((key) => [key, config[key]]),
    );
    this.node.querySelector(":scope > .unrolled-plotly-error")?.remove();
    await plotly.react(this.node, {
      data,
      // What the reader has zoomed into stays when the figure is drawn again.
      layout: { uirevision: "kept", ...themedLayout(layout, themeColors()), ...size, autosize: false },
      config: { displaylogo: false, ...allowed, ...OFFLINE, responsive: false },
      frames,
    });
  }

  #fail(error) {
    this.#stale = true;
    window.Plotly?.purge(this.node);
    const message = document.createElement("pre");
    message.className = "unrolled-plotly-error";
    message.textContent = `This figure cannot be drawn: ${error?.message ?? error}`;
    this.node.replaceChildren(message);
  }

  dispose() {
    if (this.isDisposed) return;
    this.#resized.disconnect();
    this.#theme.disconnect();
    window.Plotly?.purge(this.node);
    super.dispose();
  }
}

export default [
  {
    id: "unrolled-lab:plotly",
    description: "Draws plotly figures.",
    rendererFactory: { safe: true, mimeTypes: [MIME], createRenderer: () => new PlotlyWidget() },
    rank: 0,
    dataType: "json",
  },
];
