/** What installing brings: as little as may be, exactly what was tested, and nothing that runs by itself. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

interface Locked {
  version?: string;
  integrity?: string;
  link?: boolean;
  dev?: boolean;
  inBundle?: boolean;
  hasInstallScript?: boolean;
}

const read = (file: string) => JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"));
const FOLDERS = ["", "src/jupyter/lab-ui/"];
/**
 * Packages whose install scripts are not needed: they bring what they need as files (koffi and esbuild in optional
 * packages, zeromq in its own), and core-js prints a line of advertising. With `npm ci --ignore-scripts` all is there.
 */
const SCRIPTS_NOT_NEEDED = ["core-js", "esbuild", "koffi", "zeromq"];

const lockOf = (folder: string) =>
  Object.entries(read(`${folder}package-lock.json`).packages as Record<string, Locked>).filter(
    ([name, { link }]) => name.startsWith("node_modules/") && !link,
  );

describe("packages", () => {
  it("a user gets one package beside this one, and no install script", () => {
    const installed = lockOf("").filter(([, { dev }]) => !dev);
    assert.deepEqual(
      installed.map(([name]) => name),
      ["node_modules/seedrandom"],
    );
    for (const [name, { hasInstallScript }] of installed) assert.equal(hasInstallScript, undefined, name);
    const { scripts } = read("package.json");
    for (const hook of ["preinstall", "install", "postinstall", "prepare"])
      assert.equal(scripts[hook], undefined, hook);
  });

  it("every version is exact, in the manifests and in the lock files, and checked by its hash", () => {
    for (const folder of FOLDERS) {
      const { dependencies, devDependencies } = read(`${folder}package.json`);
      for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies } as Record<
        string,
        string
      >)) {
        assert.match(range, /^(npm:.+@)?\d+\.\d+\.\d+(-[\w.]+)?$|^file:/, `${folder}${name}`);
      }
      const loose = lockOf(folder).filter(([, { integrity, inBundle }]) => !integrity && !inBundle);
      assert.deepEqual(
        loose.map(([name]) => name),
        [],
      );
    }
  });

  it("those with install scripts are known", () => {
    for (const folder of FOLDERS) {
      const names = lockOf(folder)
        .filter(([, { hasInstallScript }]) => hasInstallScript)
        .map(([name]) => name.replace(/^.*node_modules\//, ""));
      assert.deepEqual(
        names.filter((name) => !SCRIPTS_NOT_NEEDED.includes(name)),
        [],
      );
    }
  });
});
