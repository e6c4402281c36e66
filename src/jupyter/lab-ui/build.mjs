/**
 * Bundles JupyterLab into a folder. Usage: node build.mjs [OUT [STAMP [SCRATCH]]]
 * OUT (default: dist) is replaced when the bundle is complete, and not touched before; STAMP is kept in it; the work
 * is done in SCRATCH (default: .unrolled), on the same disk. Needs the packages of package-lock.json in node_modules.
 */
import { copyFileSync, cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./build/bundle.mjs";
import { extensions, mimeExtensions } from "./build/extensions.mjs";
import { collectNotices, noticesText } from "./build/notices.mjs";
import { collectSchemas } from "./build/schemas.mjs";

const root = path.dirname(fileURLToPath(import.meta.url));
const [out = path.join(root, "dist"), stamp = "", scratch = path.join(root, ".unrolled")] =
  process.argv.slice(2);
const unfinished = path.join(path.resolve(scratch), `unfinished-${process.pid}`);
const require = createRequire(import.meta.url);
const write = (name, text) => writeFileSync(path.join(unfinished, name), text);

try {
  mkdirSync(unfinished, { recursive: true });
  const inputs = await bundle({ root, out: unfinished });
  const plotly = require.resolve("plotly.js-dist-min");
  copyFileSync(plotly, path.join(unfinished, "plotly.min.js"));
  cpSync(path.join(root, "src/icons"), path.join(unfinished, "icons"), { recursive: true });

  const packages = [...extensions, ...mimeExtensions];
  write("schemas.json", JSON.stringify(collectSchemas({ root, packages })));
  write(
    "page-options.json",
    JSON.stringify({
      appName: "Unrolled",
      appVersion: require("@jupyterlab/application/package.json").version,
      // Not asked of the server: src/help.js reads the file. JupyterLab offers licences only if this is set.
      licensesUrl: "static/licenses.json",
    }),
  );
  const notices = collectNotices([...inputs, plotly]);
  write("licenses.json", JSON.stringify({ bundles: { Unrolled: { packages: notices } } }));
  write("THIRD-PARTY-NOTICES.txt", noticesText(notices));
  write("built-from", stamp);

  rmSync(out, { recursive: true, force: true, maxRetries: 5 });
  renameSync(unfinished, path.resolve(out));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(unfinished, { recursive: true, force: true });
}
