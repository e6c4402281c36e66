/** What the kernel says about itself. */
import { createRequire } from "node:module";
import { findTslab } from "./compile/tslab.ts";
import { type Json, PROTOCOL_VERSION } from "./wire/wire.ts";

/** The content of a `kernel_info_reply`. @throws as {@link findTslab} */
export function describeKernel(): Json {
  const { version } = createRequire(import.meta.url)("../../../package.json") as { version: string };
  const typescript = findTslab().typescriptVersion;
  return {
    status: "ok",
    protocol_version: PROTOCOL_VERSION,
    implementation: "unrolled",
    implementation_version: version,
    language_info: {
      name: "typescript",
      version: typescript,
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      // JupyterLab takes `mode`, the classic notebook the other two.
      codemirror_mode: { mode: "typescript", name: "javascript", typescript: true },
      nbconvert_exporter: "script",
    },
    banner: `unrolled ${version}: TypeScript ${typescript} on Node.js ${process.versions.node}`,
    help_links: [
      { text: "TypeScript", url: "https://www.typescriptlang.org/docs/" },
      { text: "Node.js", url: "https://nodejs.org/api/" },
    ],
    debugger: false,
  };
}
