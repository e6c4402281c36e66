import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { command } from "../../../src/cli/lab.ts";
import { isAlive } from "../../../src/jupyter/files/alive.ts";
import { browserCommand, openBrowser } from "../../../src/jupyter/lab/open-browser.ts";
import { findOnPath, jupyterCommand } from "../../../src/jupyter/lab/own-jupyter.ts";
import { startLab } from "../../../src/jupyter/lab/start.ts";
import { needs } from "../../hooks.ts";
import { temporaryFolder, uncovered, useTemporaryHome } from "./helpers.ts";
import { until } from "./lab-client.ts";

/** As much of a bundle as the server asks for. */
function emptyBundle(): string {
  const folder = temporaryFolder("ui");
  writeFileSync(path.join(folder, "schemas.json"), "{}");
  writeFileSync(path.join(folder, "main.js"), "");
  return folder;
}

describe("startLab", () => {
  useTemporaryHome();

  it("serves a folder under an address with the token, with our kernel first, until it is closed", async () => {
    const root = temporaryFolder("lab root");
    writeFileSync(path.join(root, "a b.md"), "# a");
    const lab = await startLab({
      root,
      uiDir: emptyBundle(),
      port: 0,
      openBrowser: false,
      quiet: true,
      defaultDocument: "a b.md",
    });
    try {
      assert.equal(lab.url, `http://127.0.0.1:${lab.port}/lab/tree/a%20b.md?token=${lab.token}`);
      assert.match(lab.token, /^[0-9a-f]{48}$/);
      const page = await fetch(lab.url, { redirect: "manual" });
      assert.equal(page.headers.get("location"), "/lab/tree/a%20b.md");
      const headers = { Authorization: `token ${lab.token}` };
      const specs = await (await fetch(`http://127.0.0.1:${lab.port}/api/kernelspecs`, { headers })).json();
      assert.equal(specs.default, "unrolled");
      assert.equal(specs.kernelspecs.unrolled.spec.language, "typescript");
    } finally {
      await lab.close();
    }
    await lab.closed;
    await assert.rejects(fetch(`http://127.0.0.1:${lab.port}/`));
  });

  it("tells the page that fresh copies of lectures can be had, where they can", async () => {
    const root = temporaryFolder("fresh");
    const common = { root, uiDir: emptyBundle(), port: 0, openBrowser: false, quiet: true };
    for (const lectures of [undefined, { originals: root, work: root }]) {
      const lab = await startLab({ ...common, lectures });
      const headers = { Authorization: `token ${lab.token}` };
      const page = await (await fetch(`http://127.0.0.1:${lab.port}/lab`, { headers })).text();
      assert.equal(page.includes('"freshCopies":"true"'), lectures !== undefined);
      await lab.close();
    }
  });

  it("ends when the user chooses Shut Down in JupyterLab", async () => {
    const lab = await startLab({
      root: temporaryFolder("shut"),
      uiDir: emptyBundle(),
      port: 0,
      openBrowser: false,
      quiet: true,
    });
    const headers = { Authorization: `token ${lab.token}` };
    const response = await fetch(`http://127.0.0.1:${lab.port}/api/shutdown`, { method: "POST", headers });
    assert.equal(response.status, 200);
    await lab.closed;
  });

  it("opens the browser with a ticket in place of the token", async function () {
    needs(this, process.platform === "linux", "run the tests on Linux");
    const folder = temporaryFolder("browser");
    const file = path.join(folder, "opened");
    writeFileSync(
      path.join(folder, "browser"),
      `#!/bin/sh\necho "$1" > "${file}.tmp" && mv "${file}.tmp" "${file}"\n`,
    );
    chmodSync(path.join(folder, "browser"), 0o755);
    const kept = process.env["BROWSER"];
    // One word: commands in BROWSER are split at spaces, and the folder's name has some.
    symlinkSync(folder, `${os.tmpdir()}/unrolled-${process.pid}`);
    process.env["BROWSER"] = `${os.tmpdir()}/unrolled-${process.pid}/browser`;
    const lab = await startLab({ root: folder, uiDir: emptyBundle(), port: 0, quiet: true });
    try {
      await until(() => existsSync(file));
      const opened = readFileSync(file, "utf8").trim();
      assert.match(opened, new RegExp(`^http://127\\.0\\.0\\.1:${lab.port}/lab\\?ticket=[0-9a-f]{48}$`));
      assert.equal(opened.includes(lab.token), false);
      assert.equal((await fetch(opened, { redirect: "manual" })).status, 302);
      assert.equal((await fetch(opened, { redirect: "manual" })).status, 403);
    } finally {
      if (kept === undefined) delete process.env["BROWSER"];
      else process.env["BROWSER"] = kept;
      rmSync(`${os.tmpdir()}/unrolled-${process.pid}`);
      await lab.close();
    }
  });

  it("gives each server its own token", async () => {
    const options = {
      root: temporaryFolder("tokens"),
      uiDir: emptyBundle(),
      port: 0,
      openBrowser: false,
      quiet: true,
    };
    const [one, two] = await Promise.all([startLab(options), startLab(options)]);
    assert.notEqual(one.token, two.token);
    await Promise.all([one.close(), two.close()]);
  });
});

describe("the end of the server", function () {
  this.timeout(60_000);
  useTemporaryHome();
  const loader = pathToFileURL(path.resolve("node_modules/tsx/dist/loader.mjs")).href;
  const script = path.resolve("test/jupyter/server/lab-child.ts");
  const argv = (root: string, ui: string): string[] => [
    "--conditions=unrolled-source",
    "--import",
    loader,
    script,
    root,
    ui,
  ];

  interface Child {
    lines: AsyncIterator<string>;
    info: { url: string; token: string; port: number; pid: number };
    kernelPid: number;
  }

  /** Reads the server's first line, starts a kernel in it, and learns the kernel's process id from a cell. */
  async function begin(process: ChildProcess): Promise<Child> {
    const lines = createInterface({ input: process.stdout! })[Symbol.asyncIterator]();
    const info = JSON.parse((await lines.next()).value);
    const headers = { Authorization: `token ${info.token}` };
    const api = `http://127.0.0.1:${info.port}/api/kernels`;
    const kernel = await (await fetch(api, { method: "POST", headers, body: "{}" })).json();
    assert.equal(kernel.execution_state, "idle", JSON.stringify(kernel));
    const { WebSocket } = await import("ws");
    const socket = new WebSocket(`${api.replace("http", "ws")}/${kernel.id}/channels?token=${info.token}`);
    await new Promise((resolve) => socket.once("open", resolve));
    const header = {
      msg_id: "1",
      msg_type: "execute_request",
      session: "s",
      username: "",
      date: "",
      version: "5.3",
    };
    const content = {
      code: "console.log(process.pid)",
      silent: false,
      store_history: false,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    };
    socket.send(JSON.stringify({ channel: "shell", header, parent_header: {}, metadata: {}, content }));
    const kernelPid = await new Promise<number>((resolve) => {
      socket.on("message", (data) => {
        const message = JSON.parse(String(data));
        if (message.header.msg_type === "stream") resolve(Number(message.content.text));
      });
    });
    assert.equal(isAlive(kernelPid), true);
    return { lines, info, kernelPid };
  }

  async function assertGone({ info, kernelPid }: Child): Promise<void> {
    await until(() => !isAlive(info.pid) && !isAlive(kernelPid));
    await assert.rejects(fetch(`http://127.0.0.1:${info.port}/`), "the port is closed");
  }

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`takes the kernels along: ${signal}`, async () => {
      const server = spawn(process.execPath, argv(temporaryFolder("end"), emptyBundle()), {
        env: uncovered(),
        stdio: ["ignore", "pipe", "inherit"],
      });
      const child = await begin(server);
      server.kill(signal);
      assert.deepEqual(JSON.parse((await child.lines.next()).value), { ending: signal });
      await assertGone(child);
      assert.equal(server.exitCode, 0);
    });
  }

  it("takes the kernels along when the process that started it is killed", async function () {
    needs(this, process.platform !== "win32", "run the tests on Linux or macOS");
    const words = JSON.stringify([process.execPath, ...argv(temporaryFolder("orphan"), emptyBundle())]);
    // Stands for npm: starts the server and is killed without a chance to end it.
    const code = `const [program, ...args] = ${words}; require("node:child_process").spawn(program, args, { stdio: "inherit" });`;
    const parent = spawn(process.execPath, ["-e", code], {
      env: uncovered(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const child = await begin(parent);
    parent.kill("SIGKILL");
    await assertGone(child);
  });

  it("takes the kernels along when npm is killed, whose shell stays", async function () {
    needs(this, process.platform !== "win32", "run the tests on Linux or macOS");
    const quoted = [process.execPath, ...argv(temporaryFolder("npm"), emptyBundle())].map(
      (word) => `'${word}'`,
    );
    // As in package.json, where a step comes before; so the shell cannot make itself the server.
    const line = JSON.stringify(`true && ${quoted.join(" ")}`);
    const code = `require("node:child_process").spawn("sh", ["-c", ${line}], { stdio: "inherit" });`;
    const npm = spawn(process.execPath, ["-e", code], {
      env: { ...uncovered(), npm_lifecycle_event: "start" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const child = await begin(npm);
    npm.kill("SIGKILL");
    await assertGone(child);
  });

  it("takes the kernels along when the server itself is killed", async function () {
    needs(this, process.platform !== "win32", "run the tests on Linux or macOS");
    const server = spawn(process.execPath, argv(temporaryFolder("killed"), emptyBundle()), {
      env: uncovered(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const child = await begin(server);
    server.kill("SIGKILL");
    await assertGone(child);
  });
});

describe("unrolled lab", () => {
  // Each bad option, with its exit code, is in test/cli/refused.test.ts.
  it("says how it is called", () => {
    assert.match(command.usage, /^usage: unrolled lab \[FOLDER\] \[--port N\] \[--no-browser\]/);
  });
});

describe("opening the browser", () => {
  it("uses each system's own way", () => {
    const url = "http://127.0.0.1:8888/lab?ticket=x";
    const of = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv) => browserCommand(url, { platform, env });
    assert.deepEqual(of("darwin", {}), ["open", url]);
    assert.deepEqual(of("win32", {}), ["rundll32.exe", "url.dll,FileProtocolHandler", url]);
    assert.deepEqual(of("linux", { WSL_DISTRO_NAME: "Ubuntu" }), [
      "rundll32.exe",
      "url.dll,FileProtocolHandler",
      url,
    ]);
    assert.deepEqual(of("linux", { DISPLAY: ":0" }), ["xdg-open", url]);
    assert.deepEqual(of("linux", { WAYLAND_DISPLAY: "wayland-0" }), ["xdg-open", url]);
    assert.deepEqual(of("linux", { BROWSER: "firefox --new-tab" }), ["firefox", "--new-tab", url]);
    assert.deepEqual(of("linux", { BROWSER: "open %s now" }), ["open", url, "now"]);
    assert.equal(of("linux", {}), undefined);
  });

  it("says whether it worked, and harms nothing if it did not", async () => {
    const open = (env: NodeJS.ProcessEnv) => openBrowser("http://127.0.0.1/", { platform: "linux", env });
    assert.equal(await open({}), false);
    assert.equal(await open({ BROWSER: "/no/such/browser" }), false);
    assert.equal(await open({ BROWSER: `${process.execPath} -e 0` }), true);
  });
});

describe("unrolled lab --jupyter", () => {
  /** A folder with programs of these names that say how they were called. */
  function fakePrograms(...names: string[]): string {
    const folder = temporaryFolder("bin");
    for (const name of names) {
      writeFileSync(
        path.join(folder, name),
        `#!/bin/sh\necho "$0" "$@" > "${folder}/called"\necho "$JUPYTER_PATH" >> "${folder}/called"\nexit 7\n`,
      );
      chmodSync(path.join(folder, name), 0o755);
    }
    return folder;
  }
  const common = { root: "/notes", openBrowser: false, port: 9000, defaultDocument: "sub/README.md" };

  it("takes JupyterLab before Notebook, each with its own options", () => {
    const both = fakePrograms("jupyter-lab", "jupyter-notebook");
    assert.deepEqual(jupyterCommand({ ...common, env: { PATH: both } }), [
      path.join(both, "jupyter-lab"),
      "--ServerApp.root_dir=/notes",
      "--port=9000",
      "--no-browser",
      path.join("/notes", "sub", "README.md"),
    ]);
    const old = fakePrograms("jupyter-notebook");
    const command = jupyterCommand({
      root: "/notes",
      openBrowser: true,
      env: { PATH: `/nowhere${path.delimiter}${old}` },
    });
    assert.deepEqual(command, [path.join(old, "jupyter-notebook"), "--notebook-dir=/notes"]);
  });

  it("says what is missing when there is no Jupyter", () => {
    assert.throws(
      () => jupyterCommand({ ...common, env: { PATH: "/nowhere" } }),
      /needs JupyterLab or Jupyter Notebook on the PATH/,
    );
  });

  it("finds programs as a shell does", () => {
    const folder = fakePrograms("tool");
    mkdirSync(path.join(folder, "directory"));
    writeFileSync(path.join(folder, "data"), "");
    const env = { PATH: folder };
    assert.equal(findOnPath("tool", env), path.join(folder, "tool"));
    for (const name of ["directory", "data", "nothing"]) assert.equal(findOnPath(name, env), undefined, name);
  });

  it("runs it on the folder, with our kernel on JUPYTER_PATH, and gives its exit code", async function () {
    needs(this, process.platform !== "win32", "run the tests on Linux or macOS");
    const folder = fakePrograms("jupyter-lab");
    const kept = process.env["PATH"];
    process.env["PATH"] = `${folder}${path.delimiter}${kept}`;
    try {
      assert.equal(await command.run([folder, "--jupyter", "--no-browser"]), 7);
    } finally {
      process.env["PATH"] = kept;
    }
    const [called, jupyterPath] = readFileSync(path.join(folder, "called"), "utf8").trim().split("\n");
    assert.equal(called, `${path.join(folder, "jupyter-lab")} --ServerApp.root_dir=${folder} --no-browser`);
    const spec = JSON.parse(
      readFileSync(path.join(jupyterPath.split(path.delimiter)[0], "kernels/unrolled/kernel.json"), "utf8"),
    );
    assert.equal(spec.language, "typescript");
  });
});
