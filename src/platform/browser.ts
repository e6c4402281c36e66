import { MissingPackageError, UnrolledError } from "../errors.ts";
import type { Platform, PlotlyLibrary, PlotlyPage } from "./types.ts";

/** In a browser plotly.js is the page's own, loaded by a script tag. */
export const plotlyPage: Platform["plotlyPage"] = () => {
  const { Plotly, document } = globalThis as unknown as {
    Plotly?: PlotlyLibrary;
    document?: PlotlyPage["document"];
  };
  if (!Plotly || !document) {
    throw new MissingPackageError("plotly.js", "A static picture of a figure (the global `Plotly`)");
  }
  return { document, plotly: Plotly, parse: JSON.parse };
};

export const plotlySource: Platform["plotlySource"] = () => {
  throw new UnrolledError(
    'Figure.toHTML: the source of plotly.js cannot be read in a browser; give its address: toHTML({ plotly: "plotly.min.js" })',
  );
};

export const writeFileAtomic: Platform["writeFileAtomic"] = (path) => {
  throw new UnrolledError(`A browser cannot write the file "${path}"; take the text of toSVG() or toHTML()`);
};
