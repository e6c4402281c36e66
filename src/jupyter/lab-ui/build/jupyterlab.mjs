/** An esbuild plugin for what JupyterLab's packages expect of webpack, which their authors use. */
import { readFile } from "node:fs/promises";
import path from "node:path";

/** Node's modules that some packages mention in branches which a browser never takes. */
const nodeOnly = /^(crypto|fs|minimist|node-fetch|ws)$/;

/**
 * @param {{ virtual: Record<string, string>; root: string }} options `virtual`: modules made by the build, by name.
 * @returns {import("esbuild").Plugin}
 */
export function jupyterLab({ virtual, root }) {
  return {
    name: "jupyterlab",
    setup(build) {
      build.onResolve({ filter: /^virtual:/ }, ({ path }) => ({ path, namespace: "virtual" }));
      build.onLoad({ filter: /./, namespace: "virtual" }, ({ path }) => ({
        contents: virtual[path],
        resolveDir: root,
      }));

      build.onResolve({ filter: nodeOnly }, ({ path }) => ({ path, namespace: "node-only" }));
      build.onLoad({ filter: /./, namespace: "node-only" }, () => ({ contents: "module.exports = {};" }));

      // Style sheets name packages with a tilde.
      build.onResolve({ filter: /^~/ }, ({ path, kind, resolveDir, importer }) =>
        build.resolve(path.slice(1), { kind, resolveDir, importer }),
      );
      // The icons of Font Awesome, of which nothing here uses one.
      build.onResolve({ filter: /fontawesome-free/ }, ({ path }) => ({ path, namespace: "no-style" }));
      build.onLoad({ filter: /./, namespace: "no-style" }, () => ({ contents: "", loader: "css" }));

      // An SVG is text where a script imports it, and an address where a style sheet names it.
      build.onResolve(
        { filter: /\.svg(\?.*)?$/ },
        async ({ path, kind, resolveDir, importer, pluginData }) => {
          if (pluginData === "svg") return undefined;
          const found = await build.resolve(path.replace(/\?.*$/, ""), {
            kind,
            resolveDir,
            importer,
            pluginData: "svg",
          });
          return { ...found, namespace: kind === "url-token" ? "svg-address" : "svg-text" };
        },
      );
      build.onLoad({ filter: /./, namespace: "svg-text" }, async ({ path }) => ({
        contents: await readFile(path),
        loader: "text",
      }));
      build.onLoad({ filter: /./, namespace: "svg-address" }, async ({ path }) => ({
        contents: await readFile(path),
        loader: "dataurl",
      }));

      build.onLoad(
        { filter: /[\\/]@jupyterlab[\\/][^\\/]+[\\/]lib[\\/].*\.js$/ },
        async ({ path: file }) => ({
          contents: unwrapDynamicImports(await readFile(file, "utf8")),
          loader: "js",
          resolveDir: path.dirname(file),
        }),
      );
    },
  };
}

/**
 * webpack's `import()` of a CommonJS module gives its exports as names; esbuild with splitting gives them only
 * under `default`. Without this MathJax finds none of its parts, and formulas stay text without any message.
 * @param {string} code
 */
export function unwrapDynamicImports(code) {
  return code.replace(
    /\bimport\(\s*((?:\/\*.*?\*\/\s*)*)(['"][^'"]+['"])\s*\)/g,
    "import($2).then((m) => (m.default?.__esModule ? m.default : m))",
  );
}
