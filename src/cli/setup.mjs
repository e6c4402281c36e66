// Makes a fresh clone ready: checks Node, installs the packages of the lock file, builds `dist`.
// Plain JavaScript without dependencies, because it runs before anything is installed.
// Usage: node src/cli/setup.mjs [--build]     --build compiles even when nothing changed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const [major, minor] = process.versions.node.split(".").map(Number);
if (!((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22)) {
  fail(
    `Node.js ${process.versions.node} is too old: unrolled needs 20.19, 22.12 or newer. Get it from nodejs.org.`,
  );
}

const stampFile = path.join(root, "node_modules", ".unrolled-setup.json");
const stamp = readStamp();
const lockHash = hashFiles([path.join(root, "package-lock.json")]);
if (stamp.lock !== lockHash || !existsSync(path.join(root, "node_modules", "typescript"))) {
  step("installing packages (once; 1-2 minutes on a fast line)", () =>
    run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]),
  );
  Object.assign(stamp, { lock: lockHash, source: undefined });
  writeStamp();
}

// Notebooks import the library by its name. npm cannot record a package that depends on itself in a lock file,
// so the link is made here. (A junction, because plain symlinks need administrator rights on Windows.)
// It is made anew where the folder was moved or copied: a link to another checkout would run that one's library.
const selfLink = path.join(root, "node_modules", "unrolled");
if (!existsSync(selfLink) || realpathSync(selfLink) !== realpathSync(root)) {
  rmSync(selfLink, { recursive: true, force: true });
  symlinkSync(root, selfLink, "junction");
}

const sourceHash = hashFiles([path.join(root, "tsconfig.json"), ...sourceFiles(path.join(root, "src"))]);
if (
  process.argv.includes("--build") ||
  stamp.source !== sourceHash ||
  !existsSync(path.join(root, "dist", "bundle.js"))
) {
  step("building", () => {
    rmSync(path.join(root, "dist"), { recursive: true, force: true });
    // Compiles the WebAssembly kernels if their sources changed; what it makes is in the repository.
    run(process.execPath, [path.join(root, "src", "kernels", "wasm", "build.mjs")]);
    // Not node_modules/.bin/tsc: that one is the TypeScript 5.0 inside tslab.
    run(process.execPath, [path.join(root, "node_modules", "typescript", "bin", "tsc"), "-p", root]);
    bundle();
    bundlePlayground();
  });
  stamp.source = sourceHash;
  writeStamp();
}

/** The library as one file for Node: loading a hundred small modules takes three times as long. */
function bundle() {
  const { buildSync } = createRequire(import.meta.url)("esbuild");
  buildSync({
    absWorkingDir: root,
    entryPoints: ["dist/index.js"],
    outfile: "dist/bundle.js",
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    keepNames: true, // error and class names are shown to users
    // Of what is made while the bundle is loaded; afterwards every small function in a loop would be given its name.
    footer: { js: "__name = (target) => target;" },
    sourcemap: true,
    sourcesContent: false,
    logLevel: "warning",
  });
}

/** The page of `unrolled play`: a script of its own with what it needs of the library, for a browser. */
function bundlePlayground() {
  const { buildSync } = createRequire(import.meta.url)("esbuild");
  const [from, to] = ["src", "dist"].map((folder) => path.join(root, folder, "play", "page"));
  for (const name of ["index.html", "style.css"]) copyFileSync(path.join(from, name), path.join(to, name));
  buildSync({
    absWorkingDir: root,
    entryPoints: ["dist/play/page/main.js"],
    outfile: "dist/play/page/play.js",
    bundle: true,
    minify: true,
    keepNames: true,
    format: "iife",
    platform: "browser",
    target: "es2022",
    define: { "import.meta.url": '""' }, // a classic script has none; only worker threads of Node would ask for it
    logLevel: "warning",
  });
}

function sourceFiles(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== "node_modules" && entry.name !== "lab-ui")
    .flatMap((entry) => {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) return sourceFiles(file);
      return /\.(ts|html|css)$/.test(file) ? [file] : [];
    })
    .sort();
}

/** One hash over names and contents, so that a renamed or removed file counts as a change. */
function hashFiles(files) {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(path.relative(root, file)).update("\0");
    if (existsSync(file) && statSync(file).isFile()) hash.update(readFileSync(file));
  }
  return hash.digest("hex");
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, "utf8"));
  } catch {
    return {};
  }
}

function writeStamp() {
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, JSON.stringify(stamp));
}

function step(what, work) {
  const started = Date.now();
  process.stderr.write(`unrolled: ${what} …\n`);
  work();
  process.stderr.write(
    `unrolled: ${what.split(" (")[0]} done in ${((Date.now() - started) / 1000).toFixed(1)} s\n`,
  );
}

function run(command, args) {
  const windows = process.platform === "win32" && command === "npm";
  const { status, error } = spawnSync(windows ? "npm.cmd" : command, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: windows,
  });
  if (error) fail(`could not start ${command}: ${error.message}`);
  if (status !== 0)
    fail(`'${command} ${args.join(" ")}' failed (exit code ${status}); its message is above.`);
}

function fail(message) {
  process.stderr.write(`unrolled: ${message}\n`);
  process.exit(1);
}
