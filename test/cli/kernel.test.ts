import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { kernelEntry } from "../../src/jupyter/kernelspec/index.ts";
import { needs } from "../hooks.ts";
import { temporaryFolder } from "../jupyter/execute/notebooks.ts";
import { unrolled } from "./unrolled.ts";

describe("unrolled kernel", () => {
  // Its name has a space, as user names on Windows and macOS often have.
  const folder = temporaryFolder();
  const project = path.join(folder.path, "project");
  const env = {
    HOME: path.join(folder.path, "home"),
    USERPROFILE: path.join(folder.path, "home"),
    APPDATA: undefined,
    XDG_DATA_HOME: undefined,
    JUPYTER_DATA_DIR: path.join(folder.path, "user data"),
    JUPYTER_PATH: undefined,
    VIRTUAL_ENV: path.join(folder.path, "venv"),
    CONDA_PREFIX: undefined,
  };
  before(() => {
    mkdirSync(project);
    writeFileSync(path.join(project, "package.json"), "{}");
  });
  const kernel = (...args: string[]) => unrolled(["kernel", ...args], { cwd: project, env });

  describe("registers the kernel, lists it, and removes it:", () => {
    before(function () {
      needs(this, existsSync(kernelEntry()), "npm run build");
    });
    const places: [string[], string][] = [
      [[], "user data/kernels/unrolled"],
      [["--user"], "user data/kernels/unrolled"],
      [["--prefix", "../a prefix"], "a prefix/share/jupyter/kernels/unrolled"],
      [["--sys-prefix"], "venv/share/jupyter/kernels/unrolled"],
      [["--local"], "project/.unrolled/jupyter/kernels/unrolled"],
    ];
    for (const [options, place] of places) {
      it(options.join(" ") || "without options, for the user", async () => {
        const at = path.join(folder.path, place);
        const installed = await kernel("install", ...options);
        assert.equal(installed.code, 0, installed.stderr);
        assert.ok(
          installed.stdout.startsWith(`Installed the kernel "TypeScript (Unrolled)" in ${at}\n`),
          installed.stdout,
        );
        const { argv } = JSON.parse(readFileSync(path.join(at, "kernel.json"), "utf8"));
        assert.deepEqual(argv, [process.execPath, kernelEntry(), "--connection-file", "{connection_file}"]);
        const { stdout } = await kernel("list");
        assert.equal(stdout.includes(at), options[0] !== "--prefix");
        const removed = await kernel("uninstall", ...options);
        assert.equal(removed.stdout, `Removed ${at}\n`);
        assert.equal(existsSync(at), false);
        const again = await kernel("uninstall", ...options);
        assert.equal(again.code, 1);
        assert.match(again.stderr, /it is not installed/);
      }).timeout(60_000);
    }

    it("says where it is when it is not where it should be removed", async () => {
      await kernel("install", "--sys-prefix");
      const { code, stderr } = await kernel("uninstall");
      assert.equal(code, 1);
      assert.match(
        stderr,
        /not installed in .*user data.kernels.unrolled; it is in .*venv.share.jupyter.kernels.unrolled$/m,
      );
      assert.equal((await kernel("uninstall", "--sys-prefix")).code, 0);
    });

    it("says how a Jupyter sees the project's own one", async () => {
      const { stdout } = await kernel("install", "--local");
      const data = path.join(project, ".unrolled", "jupyter");
      if (process.platform !== "win32")
        assert.ok(stdout.includes(`\n  JUPYTER_PATH='${data}' jupyter lab\n`), stdout);
      assert.match(
        (await kernel("list")).stdout,
        /any Jupyter sees the kernel with JUPYTER_PATH=.*jupyter$/m,
      );
      await kernel("uninstall", "--local");
      assert.match((await kernel("list")).stdout, /jupyter after `unrolled kernel install --local`$/m);
    });
  });

  it("lists broken and orphaned kernels with what is wrong", async () => {
    const data = path.join(env.JUPYTER_DATA_DIR, "kernels");
    const put = (name: string, spec: unknown) => {
      mkdirSync(path.join(data, name), { recursive: true });
      writeFileSync(path.join(data, name, "kernel.json"), JSON.stringify(spec));
    };
    put("moved", { argv: ["/no/such/node", "{connection_file}"], display_name: "Moved", language: "x" });
    put("broken", { argv: [] });
    const { code, stdout } = await kernel("list");
    assert.equal(code, 0);
    assert.match(stdout, /^unrolled \* +TypeScript \(Unrolled\) +built in/m);
    assert.match(stdout, /^moved +Moved +.*moved {2}! \/no\/such\/node does not exist$/m);
    assert.match(stdout, /^broken +\(unusable\) +.*broken {2}! .*"argv" must be a list of strings$/m);
  });

  it("misuse ends with code 2 and says why", async () => {
    const cases: [string[], RegExp][] = [
      [[], /what to do: install, uninstall or list/],
      [["instal"], /no action "instal": install, uninstall or list/],
      [["install", "--user", "--local"], /give one of --user/],
      [["install", "here"], /what is "here"\?/],
      [["list", "--user"], /list takes no options/],
      [["install", "--prefix"], /--prefix/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await kernel(...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    }
  });
});

describe("unrolled", () => {
  it("lists its commands, and refuses others", async () => {
    const help = await unrolled(["--help"]);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /^usage: unrolled COMMAND/);
    assert.match(help.stdout, /^ {2}run +run notebooks/m);
    assert.match(help.stdout, /^ {2}kernel +register/m);
    const wrong = await unrolled(["walk"]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /no command "walk"\. Commands: .*run/);
  });

  it("gives each command's help", async () => {
    for (const name of ["run", "kernel"]) {
      const { code, stdout } = await unrolled([name, "--help"]);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^usage: unrolled ${name} `));
    }
  });
});
