import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { inflateSync } from "node:zlib";
import {
  dataFolders,
  findKernelSpecs,
  installKernelSpec,
  kernelEntry,
  listKernelSpecs,
  localKernelSpec,
  OWN_KERNEL,
  ownKernelSpec,
  placeFolder,
  projectDataFolder,
  resolveKernelSpec,
  type Surroundings,
  uninstallKernelSpec,
} from "../../../src/jupyter/kernelspec/index.ts";
import { logoPng, logoSvg } from "../../../src/jupyter/kernelspec/logo.ts";
import { needs } from "../../hooks.ts";

const linux: Surroundings = { env: {}, platform: "linux", home: "/home/ada", cwd: "/home/ada/work" };

describe("kernelspecs", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "unrolled kernelspec "));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(dataFolder: string, name: string, spec: unknown): void {
    const at = path.join(dataFolder, "kernels", name);
    mkdirSync(at, { recursive: true });
    writeFileSync(path.join(at, "kernel.json"), typeof spec === "string" ? spec : JSON.stringify(spec));
  }
  const good = { argv: ["run", "{connection_file}"], display_name: "Good", language: "x" };

  describe("data folders", () => {
    it("are those of Jupyter on Linux, in its order", () => {
      assert.deepEqual(dataFolders(linux), [
        "/home/ada/work/.unrolled/jupyter",
        "/home/ada/.local/share/jupyter",
        "/usr/local/share/jupyter",
        "/usr/share/jupyter",
      ]);
    });

    it("begin with JUPYTER_PATH; an active environment comes before the user's folder", () => {
      const env = { JUPYTER_PATH: "/a:/b b/:", XDG_DATA_HOME: "/xdg", VIRTUAL_ENV: "/venv" };
      assert.deepEqual(dataFolders({ ...linux, env }).slice(0, 5), [
        "/a",
        "/b b",
        "/home/ada/work/.unrolled/jupyter",
        "/venv/share/jupyter",
        "/xdg/jupyter",
      ]);
      const data = dataFolders({ ...linux, env: { JUPYTER_DATA_DIR: "/data", XDG_DATA_HOME: "/xdg" } });
      assert.ok(data.includes("/data") && !data.includes("/xdg/jupyter"));
    });

    it("are those of macOS and of Windows", () => {
      assert.equal(dataFolders({ ...linux, platform: "darwin" })[1], "/home/ada/Library/Jupyter");
      const windows: Surroundings = {
        platform: "win32",
        home: "C:\\Users\\Ada",
        cwd: "C:\\work",
        env: {
          APPDATA: "C:\\Users\\Ada\\AppData\\Roaming",
          PROGRAMDATA: "D:\\Data",
          JUPYTER_PATH: "E:\\x;F:\\y\\",
        },
      };
      assert.deepEqual(dataFolders(windows), [
        "E:\\x",
        "F:\\y",
        "C:\\work\\.unrolled\\jupyter",
        "C:\\Users\\Ada\\AppData\\Roaming\\jupyter",
        "D:\\Data\\jupyter",
      ]);
    });

    it("hold the project's own folder, found upwards by its package.json", () => {
      const below = path.join(folder, "a", "b");
      mkdirSync(below, { recursive: true });
      writeFileSync(path.join(folder, "package.json"), "{}");
      assert.equal(projectDataFolder({ ...linux, cwd: below }), path.join(folder, ".unrolled", "jupyter"));
    });
  });

  describe("finding", () => {
    it("reads what Jupyter reads; the first of a name counts, whatever its case", async () => {
      const [first, second] = [path.join(folder, "1"), path.join(folder, "2")];
      write(first, "Good", good);
      write(second, "good", { ...good, display_name: "hidden" });
      write(second, "another", { ...good, interrupt_mode: "message" });
      mkdirSync(path.join(second, "kernels", "no-kernel"));
      writeFileSync(path.join(second, "kernels", ".DS_Store"), "");
      write(second, "bad name!", good);
      const found = await findKernelSpecs([first, second, path.join(folder, "missing")]);
      assert.deepEqual(
        found.map((one) => [
          one.name,
          "spec" in one && one.spec.display_name,
          path.basename(one.resourceDir),
        ]),
        [
          ["another", "Good", "another"],
          ["good", "Good", "Good"],
        ],
      );
    });

    const broken: [string, unknown, RegExp][] = [
      ["no JSON", "{", /kernel\.json: .*JSON/],
      ["a list", [], /it is not a JSON object/],
      ["no argv", { ...good, argv: [] }, /"argv" must be a list of strings/],
      ["no display name", { ...good, display_name: 1 }, /"display_name" must be a string/],
      [
        "a wrong interrupt mode",
        { ...good, interrupt_mode: "shout" },
        /"interrupt_mode" must be "signal" or "message"/,
      ],
      ["a wrong environment", { ...good, env: { A: 1 } }, /"env" must be an object of strings/],
    ];
    for (const [what, spec, problem] of broken) {
      it(`reports a kernel.json with ${what}, and lists the others`, async () => {
        write(folder, "broken", spec);
        write(folder, "good", good);
        const [one, two] = await findKernelSpecs([folder]);
        assert.match("problem" in one ? one.problem : "", problem);
        assert.equal(two.name, "good");
        await assert.rejects(resolveKernelSpec("broken", [folder]), /kernel "broken" cannot be used: /);
        const own = { name: OWN_KERNEL, resourceDir: "", spec: ownKernelSpec() };
        assert.deepEqual(
          (await listKernelSpecs(own, [folder])).map((kernel) => kernel.name),
          [OWN_KERNEL, "good"],
        );
      });
    }

    it("names the known kernels when one is unknown", async () => {
      write(folder, "good", good);
      await assert.rejects(
        resolveKernelSpec("nope", [folder]),
        /there is no kernel "nope". Known kernels: unrolled, good$/,
      );
      assert.equal((await resolveKernelSpec("GOOD", [folder])).spec.display_name, "Good");
    });

    it("takes our own kernel from this package, not from an old registration", async function () {
      needs(this, existsSync(kernelEntry()), "npm run build");
      write(folder, OWN_KERNEL, { ...good, display_name: "another copy" });
      const { spec } = await resolveKernelSpec(OWN_KERNEL, [folder]);
      assert.deepEqual(spec.argv, [
        process.execPath,
        kernelEntry(),
        "--connection-file",
        "{connection_file}",
      ]);
      assert.ok(path.isAbsolute(kernelEntry()));
    });
  });

  describe("installing", () => {
    before(function () {
      needs(this, existsSync(kernelEntry()), "npm run build");
    });

    it("writes kernel.json and logos, so that it is found, and removes exactly them", async () => {
      const data = path.join(folder, "share", "jupyter");
      assert.equal(await placeFolder({ kind: "prefix", prefix: folder }), data);
      const kernel = await installKernelSpec(data);
      assert.equal(kernel, path.join(data, "kernels", "unrolled"));
      assert.deepEqual(readdirSync(kernel).sort(), [
        "kernel.json",
        "logo-32x32.png",
        "logo-64x64.png",
        "logo-svg.svg",
      ]);
      const spec = JSON.parse(readFileSync(path.join(kernel, "kernel.json"), "utf8"));
      assert.equal(spec.display_name, "TypeScript (Unrolled)");
      assert.equal(spec.language, "typescript");
      assert.equal(spec.interrupt_mode, "message");
      assert.deepEqual(
        (await findKernelSpecs([data])).map((one) => one.name),
        ["unrolled"],
      );
      await installKernelSpec(data); // Once more, over it.
      assert.equal(await uninstallKernelSpec(data), kernel);
      assert.equal(existsSync(kernel), false);
      assert.equal(await uninstallKernelSpec(data), undefined);
    });

    it("leaves files in place that it did not write", async () => {
      const kernel = await installKernelSpec(folder);
      writeFileSync(path.join(kernel, "notes.txt"), "mine");
      await uninstallKernelSpec(folder);
      assert.deepEqual(readdirSync(kernel), ["notes.txt"]);
    });

    it("says where it could not write", async () => {
      writeFileSync(path.join(folder, "file"), "");
      await assert.rejects(
        installKernelSpec(path.join(folder, "file")),
        /cannot write the kernelspec: ENOTDIR.*--prefix/,
      );
    });

    it("keeps the project's own registration up to date", async () => {
      writeFileSync(path.join(folder, "package.json"), "{}");
      const at = { ...linux, cwd: folder };
      const { resourceDir, name } = await localKernelSpec(at);
      assert.equal(name, "unrolled");
      assert.equal(resourceDir, path.join(folder, ".unrolled", "jupyter", "kernels", "unrolled"));
      writeFileSync(path.join(resourceDir, "kernel.json"), "{}");
      await localKernelSpec(at);
      assert.equal(
        JSON.parse(readFileSync(path.join(resourceDir, "kernel.json"), "utf8")).language,
        "typescript",
      );
      rmSync(path.join(folder, ".unrolled"), { recursive: true });
      writeFileSync(path.join(folder, ".unrolled"), "a file in the way");
      assert.equal((await localKernelSpec(at)).resourceDir, "");
    });

    it("asks the active environment for --sys-prefix, else python3", async () => {
      const venv = await placeFolder({ kind: "sys-prefix" }, { ...linux, env: { VIRTUAL_ENV: "/venv" } });
      assert.equal(venv, path.join("/venv", "share", "jupyter"));
      await assert.rejects(
        placeFolder({ kind: "sys-prefix" }, { ...linux, env: { PATH: folder } }),
        /--sys-prefix: there is no active Python environment/,
      );
      await assert.rejects(placeFolder({ kind: "prefix", prefix: "" }), /--prefix needs a folder/);
    });
  });

  describe("logo", () => {
    it("is a PNG with transparent corners, a blue ground and white discs", () => {
      for (const size of [32, 64]) {
        const png = Buffer.from(logoPng(size));
        assert.equal(png.subarray(1, 4).toString(), "PNG");
        assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [size, size]);
        const start = png.indexOf("IDAT");
        const rows = inflateSync(png.subarray(start + 4, start + 4 + png.readUInt32BE(start - 4)));
        const pixel = (x: number, y: number) => [
          ...rows.subarray(y * (4 * size + 1) + 1 + 4 * x).subarray(0, 4),
        ];
        assert.equal(pixel(0, 0)[3], 0);
        assert.deepEqual(pixel(size / 2, size / 8), [0x2f, 0x4b, 0x8f, 255]);
        assert.deepEqual(pixel(size / 2, (size * 40) / 64), [255, 255, 255, 255]);
      }
    });

    it("is an SVG without scripts or links", () => {
      assert.match(logoSvg(), /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 64 64">/);
      assert.equal(logoSvg().match(/<circle /g)?.length, 3);
      assert.doesNotMatch(logoSvg(), /script|href|on\w+=/);
    });
  });
});
