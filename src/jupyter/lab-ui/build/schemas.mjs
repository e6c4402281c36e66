/** The settings schemas of the bundled extensions, with this program's defaults. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

/**
 * @param {{ root: string; packages: string[] }} options `root`: of this package; `packages`: the extensions.
 * @returns {Record<string, { version: string; schema: object }>} by the plugin's id
 * @throws if `src/settings.json` names a plugin or setting that does not exist.
 */
export function collectSchemas({ root, packages }) {
  const require = createRequire(path.join(root, "package.json"));
  /** @type {Record<string, { version: string; schema: any }>} */
  const schemas = {};
  for (const name of packages) {
    const manifest = require.resolve(`${name}/package.json`);
    const { version, jupyterlab } = readJson(manifest);
    if (!jupyterlab?.schemaDir) continue;
    const folder = path.join(path.dirname(manifest), jupyterlab.schemaDir);
    for (const file of readdirSync(folder).sort()) {
      if (!file.endsWith(".json")) continue;
      schemas[`${name}:${path.basename(file, ".json")}`] = {
        version,
        schema: readJson(path.join(folder, file)),
      };
    }
  }
  for (const [id, settings] of Object.entries(readJson(path.join(root, "src/settings.json")))) {
    for (const [setting, value] of Object.entries(settings)) {
      const property = schemas[id]?.schema.properties?.[setting];
      if (!property) throw new Error(`src/settings.json: there is no setting "${setting}" of ${id}`);
      property.default = value;
    }
  }
  return schemas;
}
