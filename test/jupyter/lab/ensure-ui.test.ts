import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UnrolledError } from "../../../src/errors.ts";
import { type EnsureLabUiOptions, ensureLabUi } from "../../../src/jupyter/lab/ensure-ui.ts";

/** Counts its runs beside the package, and keeps to the arguments of the real build script. */
const buildScript = `
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
const [out, stamp, scratch] = process.argv.slice(2);
const unfinished = path.join(scratch, "unfinished-" + process.pid);
appendFileSync(process.env.BUILD_LOG, "build\\n");
mkdirSync(unfinished, { recursive: true });
const text = readFileSync(new URL("src/page.txt", import.meta.url), "utf8");
if (text === "broken") { console.error("page.txt: cannot be bundled"); process.exit(3); }
writeFileSync(path.join(unfinished, "page.txt"), text);
writeFileSync(path.join(unfinished, "built-from"), stamp);
rmSync(out, { recursive: true, force: true });
renameSync(unfinished, out);
`;

describe("jupyter/lab ensureLabUi", () => {
  let folder: string;
  let source: string;
  let cache: string;
  let builds: () => Promise<number>;
  const environment = { ...process.env };

  /** A package of the same form as the real one, without dependencies: npm needs no network for it. */
  async function writePackage(place: string): Promise<void> {
    await mkdir(path.join(place, "src"), { recursive: true });
    await mkdir(path.join(place, "build"));
    await mkdir(path.join(place, "stub"));
    const manifest = { name: "ui", version: "1.0.0" };
    await writeFile(path.join(place, "package.json"), JSON.stringify(manifest));
    const lock = { ...manifest, lockfileVersion: 3, requires: true, packages: { "": manifest } };
    await writeFile(path.join(place, "package-lock.json"), JSON.stringify(lock));
    await writeFile(path.join(place, "build.mjs"), buildScript);
    await writeFile(path.join(place, "src", "page.txt"), "one");
  }

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "ensure ui-"));
    source = path.join(folder, "lab-ui");
    cache = path.join(folder, "cache");
    await writePackage(source);
    const log = path.join(folder, "builds");
    await writeFile(log, "");
    process.env["BUILD_LOG"] = log;
    process.env["npm_config_fetch_retries"] = "0";
    builds = async () => (await readFile(log, "utf8")).split("\n").length - 1;
  });

  afterEach(async () => {
    process.env = { ...environment };
    await chmod(source, 0o755).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });

  const page = async (dir: string): Promise<string> => readFile(path.join(dir, "page.txt"), "utf8");

  it("says where JupyterLab is and what to use instead, where the package has none", async () => {
    await rm(source, { recursive: true });
    await assert.rejects(ensureLabUi({ source, cache }), (error) => {
      assert.ok(error instanceof UnrolledError);
      assert.match(error.message, /^JupyterLab comes only with a clone .*: npx unrolled kernel install$/);
      return true;
    });
    assert.ok(!existsSync(cache), "nothing is begun");
  });

  it("builds once, and again only when a source changes", async () => {
    const first = await ensureLabUi({ source, cache });
    assert.equal(first.dir, path.join(source, "dist"));
    assert.equal(await page(first.dir), "one");
    const steps: string[] = [];
    await ensureLabUi({ source, cache, onProgress: ({ step }) => steps.push(step) });
    assert.equal(steps.length, 0);
    assert.equal(await builds(), 1);

    await writeFile(path.join(source, "src", "page.txt"), "two");
    const second = await ensureLabUi({ source, cache, onProgress: ({ step }) => steps.push(step) });
    assert.equal(await page(second.dir), "two");
    assert.deepEqual(steps, ["build", "done"], "the packages are the same, so npm need not run");
    assert.equal(existsSync(cache), false);
  });

  it("installs anew when the lock file changes", async () => {
    await ensureLabUi({ source, cache });
    const lock = path.join(source, "package-lock.json");
    await writeFile(lock, `${await readFile(lock, "utf8")}\n`);
    const steps: string[] = [];
    await ensureLabUi({ source, cache, onProgress: ({ step }) => steps.push(step) });
    assert.deepEqual(steps, ["install", "build", "done"]);
  });

  it("counts the same text with other line ends as the same source", async () => {
    await writeFile(path.join(source, "src", "page.txt"), "one\ntwo\n");
    await ensureLabUi({ source, cache });
    await writeFile(path.join(source, "src", "page.txt"), "one\r\ntwo\r\n");
    await ensureLabUi({ source, cache });
    assert.equal(await builds(), 1);
  });

  it("clears away what a killed build has left", async () => {
    const left = path.join(source, ".unrolled", "unfinished-1");
    await mkdir(left, { recursive: true });
    await writeFile(path.join(left, "page.txt"), "half");
    await ensureLabUi({ source, cache });
    assert.deepEqual(await readdir(path.join(source, ".unrolled")), []);
  });

  it("builds in the cache folder for a package under node_modules, and leaves the package alone", async () => {
    const installed = path.join(folder, "node_modules", "unrolled", "lab-ui");
    await writePackage(installed);
    await chmod(path.join(installed, "src"), 0o555);
    const before = (await readdir(installed)).sort();
    const { dir } = await ensureLabUi({ source: installed, cache });
    assert.equal(path.dirname(dir), path.join(cache, "lab-ui"));
    assert.equal(await page(dir), "one");
    assert.deepEqual((await readdir(installed)).sort(), before);
    assert.deepEqual(
      await readdir(path.join(cache, "lab-ui")),
      [path.basename(dir)],
      "only the bundle stays",
    );
    assert.deepEqual(await ensureLabUi({ source: installed, cache }), { dir });
    assert.equal(await builds(), 1);
    await chmod(path.join(installed, "src"), 0o755);
  });

  it("says what the build says when it fails, keeps the last bundle, and tries again the next time", async () => {
    const { dir } = await ensureLabUi({ source, cache });
    await writeFile(path.join(source, "src", "page.txt"), "broken");
    await assert.rejects(ensureLabUi({ source, cache }), (error: Error) => {
      assert.ok(error instanceof UnrolledError);
      assert.match(
        error.message,
        /^bundling JupyterLab failed \(exit code 3\):\n.*page\.txt: cannot be bundled/s,
      );
      return true;
    });
    assert.equal(await page(dir), "one");
    await writeFile(path.join(source, "src", "page.txt"), "mended");
    await ensureLabUi({ source, cache });
    assert.equal(await page(dir), "mended");
  });

  /** Makes the package depend on others, which are on no registry. */
  async function addDependencies(count: number): Promise<void> {
    const names = Array.from({ length: count }, (_, i) => `no-such-package-${i}`);
    const dependencies = Object.fromEntries(names.map((name) => [name, "1.0.0"]));
    const manifest = { name: "ui", version: "1.0.0", dependencies };
    const locked = { version: "1.0.0", integrity: `sha512-${Buffer.alloc(64).toString("base64")}` };
    const packages = Object.fromEntries(names.map((name) => [`node_modules/${name}`, locked]));
    const lock = { ...manifest, lockfileVersion: 3, packages: { "": manifest, ...packages } };
    await writeFile(path.join(source, "package.json"), JSON.stringify(manifest));
    await writeFile(path.join(source, "package-lock.json"), JSON.stringify(lock));
    process.env["npm_config_cache"] = path.join(folder, "npm-cache");
  }

  it("says that the network is needed when npm cannot reach its registry", async () => {
    await addDependencies(1);
    // Port 1 of this machine: nothing listens there.
    process.env["npm_config_registry"] = "http://127.0.0.1:1/";
    await assert.rejects(ensureLabUi({ source, cache }), (error: Error) => {
      assert.ok(error instanceof UnrolledError);
      assert.match(error.message, /have to be downloaded once, and npm cannot reach its registry/);
      assert.match(error.message, /ECONNREFUSED/);
      assert.doesNotMatch(error.message, / {4}at |complete log/);
      return true;
    });
    assert.equal(await builds(), 0);
  });

  it("gives up after a few attempts, and not after three for each package", async () => {
    await addDependencies(60);
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    process.env["npm_config_registry"] = `http://127.0.0.1:${port}/`;
    process.env["npm_config_fetch_retries"] = "2";
    process.env["npm_config_fetch_retry_mintimeout"] = "10";
    try {
      await assert.rejects(ensureLabUi({ source, cache }), /cannot reach its registry.*ECONNRESET/s);
    } finally {
      server.close();
    }
    assert.ok(connections < 120, `${connections} connections`);
  });

  it("leaves other faults of npm to npm's own words", async () => {
    await writeFile(path.join(source, "package.json"), "{ not json");
    await assert.rejects(ensureLabUi({ source, cache }), (error: Error) => {
      assert.ok(error instanceof UnrolledError);
      assert.match(error.message, /^npm could not install JupyterLab's packages \(exit code 1\)/);
      assert.match(error.message, /EJSONPARSE/);
      return true;
    });
  });

  it("builds once when several processes start at once", async () => {
    const ends = await Promise.all([1, 2, 3].map(() => ensureInProcess({ source, cache })));
    assert.deepEqual(ends, [0, 0, 0]);
    assert.equal(await builds(), 1);
    assert.equal(await page(path.join(source, "dist")), "one");
  });

  function ensureInProcess(options: EnsureLabUiOptions): Promise<number | null> {
    const module = new URL("../../../src/jupyter/lab/ensure-ui.ts", import.meta.url).href;
    const code = `import { ensureLabUi } from ${JSON.stringify(module)}; await ensureLabUi(${JSON.stringify(options)});`;
    const child = spawn(process.execPath, ["--import=tsx", "--input-type=module", "-e", code], {
      cwd: fileURLToPath(new URL("../../..", import.meta.url)),
      stdio: ["ignore", "ignore", "inherit"],
    });
    return new Promise((resolve) => child.on("close", resolve));
  }
});
