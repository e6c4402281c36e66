/** Starts JupyterLab with the bundled extensions and our own. */

import { extensions, mimeExtensions } from "virtual:extensions";
import { JupyterLab } from "@jupyterlab/application";
import { JupyterPluginRegistry, PageConfig } from "@jupyterlab/coreutils";
import { IConnectionStatus, IServiceManager } from "@jupyterlab/services";
import "virtual:styles";
import "./style.css";
import { favicon, replaceIcons } from "./branding.js";
import { cellExecutor } from "./cell-executor.js";
import { completions } from "./completions.js";
import { isDisabled } from "./disabled.js";
import {
  allowSameEditorAgain,
  keepFilesThatCannotBeLoaded,
  stayDirtyWhenEditedWhileSaving,
  stopMeasuringClosedToolbars,
} from "./fixes.js";
import { freshCopy } from "./fresh-copy.js";
import { about, licenses, links } from "./help.js";
import { openEarly } from "./open-early.js";
import plotly from "./plotly-renderer.js";
import svg from "./svg-renderer.js";
import { themeChoice } from "./theme-choice.js";

/** A package exports one plugin or several, as `default`, from an ES or a CommonJS module. */
function pluginsOf(module) {
  const exported = module.default?.default ?? module.default ?? module;
  return Array.isArray(exported) ? exported : [exported];
}

async function main() {
  replaceIcons();
  allowSameEditorAgain();
  keepFilesThatCannotBeLoaded();
  stayDirtyWhenEditedWhileSaving();
  stopMeasuringClosedToolbars();
  const alsoDisabled = JSON.parse(PageConfig.getOption("disabledExtensions") || "[]");
  const own = [about, cellExecutor, completions, favicon, freshCopy, licenses, links, openEarly, themeChoice];
  const plugins = [...extensions.flatMap(pluginsOf), ...own].filter(
    ({ id }) => !isDisabled(id, alsoDisabled),
  );
  const pluginRegistry = new JupyterPluginRegistry();
  pluginRegistry.registerPlugins(plugins);
  const lab = new JupyterLab({
    pluginRegistry,
    serviceManager: await pluginRegistry.resolveRequiredService(IServiceManager),
    connectionStatus: await pluginRegistry.resolveOptionalService(IConnectionStatus),
    mimeExtensions: [...mimeExtensions.flatMap(pluginsOf), ...plotly, ...svg],
  });
  if (PageConfig.getOption("exposeAppInBrowser") === "true") window.jupyterapp = lab;
  await lab.start({ bubblingKeydown: true });
}

// Before the style sheets are there, JupyterLab measures wrong sizes.
if (document.readyState === "complete") main();
else window.addEventListener("load", () => main());
