/** Where the compiler finds the types of Node's own globals and modules. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/**
 * The folders to look into for `@types/node`, best first: tslab's choice (the notebook's folder and those above it),
 * then what this package itself was installed with.
 */
export function nodeTypeRoots(chosen: readonly string[]): string[] {
  const roots = [...chosen];
  if (!roots.some((root) => existsSync(path.join(root, "node", "package.json")))) {
    const require = createRequire(import.meta.url);
    try {
      roots.push(path.resolve(path.dirname(require.resolve("@types/node/package.json")), ".."));
    } catch {
      // Cells then know no `console`; the compiler says so.
    }
  }
  return roots;
}
