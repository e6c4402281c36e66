import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Schemas } from "./lab-settings.ts";

/** What the server has to know of a built JupyterLab (`src/jupyter/lab-ui/`). */
export interface Bundle {
  /** Served under /static. */
  folder: string;
  schemas: Schemas;
  /** JupyterLab's page options that belong to the bundle, such as its version and disabled plugins. */
  options: Record<string, string>;
}

/** @throws if the folder has no bundle. */
export async function readBundle(folder: string): Promise<Bundle> {
  const schemas = JSON.parse(await readFile(path.join(folder, "schemas.json"), "utf8")) as Schemas;
  const options = await readFile(path.join(folder, "page-options.json"), "utf8").then(
    (text) => JSON.parse(text) as Record<string, string>,
    () => ({}),
  );
  return { folder, schemas, options };
}

/**
 * Content Security Policy of the page: no script but the bundle's own, not even a trusted output's, and nothing from
 * another host. Inline styles are needed by CodeMirror, Lumino, MathJax and plotly (see `lab-ui/README.md`).
 */
export function pagePolicy(host: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "font-src 'self' data:",
    // Older browsers do not count a WebSocket to the same host as 'self'.
    `connect-src 'self' ws://${host}`,
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

export interface PageState {
  /** Name of the layout to restore. */
  workspace: string;
  /** Document or folder to open. */
  treePath: string;
  mode: "multiple-document" | "single-document";
}

/** Reads `/lab/workspaces/NAME/tree/PATH` and its shorter forms; the parts are decoded already. */
export function pageState(mode: string, workspace: string, treePath: string): PageState {
  return {
    workspace: workspace === "" ? "default" : workspace,
    treePath,
    mode: mode === "doc" ? "single-document" : "multiple-document",
  };
}

/** The one HTML page. */
export function labPage(bundle: Bundle, state: PageState, rootName: string): string {
  const config = { ...commonOptions, ...bundle.options, ...state, serverRoot: rootName };
  // "<" could end the script element from within.
  const json = JSON.stringify(config).replaceAll("<", "\\u003c");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(rootName)}</title>
<link rel="icon" type="image/svg+xml" href="/static/icons/unrolled.svg">
<link rel="stylesheet" href="/static/main.css">
<script id="jupyter-config-data" type="application/json">${json}</script>
<script type="module" src="/static/main.js"></script>
</head>
<body></body>
</html>
`;
}

const commonOptions: Record<string, string> = {
  appName: "JupyterLab",
  appNamespace: "lab",
  appUrl: "/lab",
  baseUrl: "/",
  cacheFiles: "false",
  copyAbsolutePath: "false",
  delete_to_trash: "true",
  devMode: "false",
  disabledExtensions: "[]",
  docUrl: "/doc",
  exposeAppInBrowser: "true",
  federated_extensions: "[]",
  fullAppUrl: "/lab",
  fullSettingsUrl: "/lab/api/settings",
  fullStaticUrl: "/static",
  fullThemesUrl: "/static/themes",
  fullTranslationsApiUrl: "/lab/api/translations",
  fullWorkspacesApiUrl: "/lab/api/workspaces",
  news: "{}",
  // Jupyter Server's version, by which JupyterLab knows that uploads may come in chunks.
  notebookVersion: "[2, 17, 0]",
  quitButton: "true",
  settingsUrl: "/lab/api/settings",
  staticUrl: "/static",
  store_id: "0",
  terminalsAvailable: "false",
  themesUrl: "/static/themes",
  translationsApiUrl: "/lab/api/translations",
  treeUrl: "/lab/tree",
  workspacesApiUrl: "/lab/api/workspaces",
  wsUrl: "",
};

/** Shown instead of JupyterLab to a browser without token. */
export function loginPage(message: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Token needed</title><style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 38em; margin: 15vh auto; padding: 0 1em; color-scheme: light dark }
input { font: inherit; width: 24em; max-width: 100% }
</style></head>
<body>
<h1>This server needs its token</h1>
<p>${escapeHtml(message)}</p>
<form method="get" action="/lab"><label>Token: <input name="token" type="password" autocomplete="off" autofocus></label>
<button>Open</button></form>
</body>
</html>
`;
}

/** For `loginPage`: no script at all. */
export const loginPolicy: string =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => entities[character]);
}
