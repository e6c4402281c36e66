/**
 * Which of JupyterLab's extensions are in the page. Left out on purpose: `javascript-extension` (it runs text by
 * eval, which the page's Content-Security-Policy forbids), debugger, extension and plugin manager, terminal, LSP,
 * mermaid, vega, pdf.
 */
export const extensions = [
  "application",
  "apputils",
  "cell-toolbar",
  "celltags",
  "codemirror",
  "completer",
  "console",
  "csvviewer",
  "docmanager",
  "documentsearch",
  "filebrowser",
  "fileeditor",
  "help",
  "imageviewer",
  "inspector",
  "launcher",
  "logconsole",
  "mainmenu",
  "markdownviewer",
  "markedparser",
  "mathjax",
  "metadataform",
  "notebook",
  "rendermime",
  "running",
  "services",
  "settingeditor",
  "shortcuts",
  "statusbar",
  "theme-dark",
  "theme-light",
  "toc",
  "tooltip",
  "translation",
  "ui-components",
].map((name) => `@jupyterlab/${name}-extension`);

/** Extensions that only show one kind of data. */
export const mimeExtensions = ["@jupyterlab/json-extension"];

/** Their style sheets are built apart, because only one of them is loaded at a time. */
export const themes = ["@jupyterlab/theme-light-extension", "@jupyterlab/theme-dark-extension"];
