/** Plugins of the bundled packages that are not started. */
const disabled = [
  // Replaced by our own.
  "@jupyterlab/apputils-extension:licenses-client",
  "@jupyterlab/completer-extension:base-service",
  "@jupyterlab/help-extension:about",
  "@jupyterlab/help-extension:open",
  "@jupyterlab/notebook-extension:cell-executor",
  // Asks a server outside for news.
  "@jupyterlab/apputils-extension:announcements",
  // For a Notebook 6 or a language server that are not here.
  "@jupyterlab/help-extension:launch-classic",
  "@jupyterlab/fileeditor-extension:language-server",
  "@jupyterlab/notebook-extension:language-server",
  // Needs nbconvert on the server.
  "@jupyterlab/notebook-extension:update-raw-mimetype",
];

/**
 * @param {string} id of a plugin
 * @param {string[]} more ids, or names of packages, that the server switches off
 */
export function isDisabled(id, more = []) {
  return disabled.includes(id) || more.includes(id) || more.includes(id.split(":")[0]);
}
