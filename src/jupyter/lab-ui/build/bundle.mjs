/** Bundles the page and the themes with esbuild. */
import { createRequire } from "node:module";
import path from "node:path";
import esbuild from "esbuild";
import { extensions, mimeExtensions, themes } from "./extensions.mjs";
import { jupyterLab } from "./jupyterlab.mjs";

/**
 * @param {{ root: string; out: string }} folders `root`: of this package, with its node_modules; `out`: empty.
 * @returns {Promise<string[]>} the files that went into the bundle, absolute.
 */
export async function bundle({ root, out }) {
  const require = createRequire(path.join(root, "package.json"));
  const manifest = (name) => require(`${name}/package.json`);
  const all = [...extensions, ...mimeExtensions];
  const virtual = {
    "virtual:extensions": [
      ...all.map((name, i) => `import * as e${i} from ${JSON.stringify(name)};`),
      `export const extensions = [${extensions.map((_, i) => `e${i}`)}];`,
      `export const mimeExtensions = [${mimeExtensions.map((_, i) => `e${extensions.length + i}`)}];`,
    ].join("\n"),
    "virtual:styles": all
      .filter((name) => manifest(name).styleModule)
      .map((name) => `import ${JSON.stringify(`${name}/${manifest(name).styleModule}`)};`)
      .join("\n"),
  };
  /** @type {import("esbuild").BuildOptions} */
  const common = {
    bundle: true,
    minify: true,
    metafile: true,
    logLevel: "warning",
    // Licences are collected in THIRD-PARTY-NOTICES.txt, from the packages themselves.
    legalComments: "none",
    absWorkingDir: root,
    assetNames: "assets/[name]-[hash]",
    chunkNames: "chunks/[name]-[hash]",
    loader: {
      ".woff": "file",
      ".woff2": "file",
      ".ttf": "file",
      ".eot": "empty",
      ".png": "file",
      ".gif": "file",
    },
    plugins: [jupyterLab({ virtual, root })],
  };
  const page = await esbuild.build({
    ...common,
    entryPoints: { main: path.join(root, "src/main.js") },
    outdir: out,
    format: "esm",
    splitting: true,
    target: "es2022",
    inject: [path.join(root, "src/process.js")],
    define: { "process.env.NODE_ENV": '"production"', global: "globalThis", __dirname: '"/"' },
    alias: {
      path: "path-browserify",
      // ajv compiles schemas to text and runs it by eval; the page may not.
      ajv: path.join(root, "src/schema-validator.js"),
      "ajv-formats": path.join(root, "src/no-formats.js"),
    },
  });
  const styles = await esbuild.build({
    ...common,
    entryPoints: Object.fromEntries(
      themes.map((name) => [
        `${name}/index`,
        path.join(path.dirname(require.resolve(`${name}/package.json`)), "style/theme.css"),
      ]),
    ),
    outdir: path.join(out, "themes"),
  });
  // Inputs are named relative to the root, or "namespace:absolute".
  return [page, styles]
    .flatMap(({ metafile }) => Object.keys(metafile.inputs))
    .map((input) => path.resolve(root, input.replace(/^[a-z-]{2,}:/, "")));
}
