/** This program's sign in place of Jupyter's: top left, while loading, in the browser's tab. */
import { PageConfig, URLExt } from "@jupyterlab/coreutils";
import { jupyterFaviconIcon, jupyterIcon } from "@jupyterlab/ui-components";
import svg from "./icons/unrolled.svg";

/** Before the plugins start, because some of them draw it when they do. */
export function replaceIcons() {
  jupyterIcon.svgstr = svg;
  jupyterFaviconIcon.svgstr = svg;
}

export const favicon = {
  id: "unrolled-lab:favicon",
  description: "Sets the icons of the browser's tab: idle and busy.",
  autoStart: true,
  activate() {
    const icons = URLExt.join(PageConfig.getOption("fullStaticUrl"), "icons");
    for (const link of document.querySelectorAll('link[rel~="icon"]')) link.remove();
    // JupyterLab shows one of the two by moving `rel` between them.
    document.head.append(
      iconLink("idle favicon", "icon", `${icons}/unrolled.svg`),
      iconLink("busy favicon", "", `${icons}/unrolled-busy.svg`),
    );
  },
};

function iconLink(className, rel, href) {
  return Object.assign(document.createElement("link"), { className, rel, href, type: "image/svg+xml" });
}
