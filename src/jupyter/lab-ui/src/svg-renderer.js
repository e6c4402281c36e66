/**
 * Shows `image/svg+xml` as a picture, also in a notebook that nobody has trusted yet: what a browser loads as an image runs
 * no script and fetches nothing. JupyterLab itself shows the text beside it there, and never its alternative text.
 */
import { Widget } from "@lumino/widgets";

const MIME = "image/svg+xml";

class SvgWidget extends Widget {
  constructor() {
    super();
    this.addClass("jp-RenderedSVG"); // For its style sheet, which keeps the picture in the cell.
  }

  async renderModel(model) {
    const image = new Image();
    image.alt = [model.data["text/plain"] ?? ""].flat().join("");
    const loaded = new Promise((resolve) => {
      image.onload = image.onerror = resolve;
    });
    image.src = `data:${MIME},${encodeURIComponent([model.data[MIME]].flat().join(""))}`;
    this.node.replaceChildren(image);
    // JupyterLab measures the cell when this is done.
    await loaded;
  }
}

export default [
  {
    id: "unrolled-lab:svg",
    description: "Shows SVG pictures.",
    rendererFactory: { safe: true, mimeTypes: [MIME], createRenderer: () => new SvgWidget() },
    // Where JupyterLab's own stands: after figures that answer the pointer, before other pictures.
    rank: 80,
    dataType: "string",
  },
];
