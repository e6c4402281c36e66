import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { needs } from "../../hooks.ts";
import { builtKernel, bundledKernel, ROOT } from "./build.ts";
import { contents, result, stream, TestKernel } from "./harness.ts";

describe("kernel: the process", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "unrolled process ü-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const withKernel = async (
    options: Parameters<typeof TestKernel.start>[0],
    use: (kernel: TestKernel) => Promise<void>,
  ): Promise<void> => {
    const kernel = await TestKernel.start(options);
    try {
      await use(kernel);
    } finally {
      await kernel.stop();
    }
  };

  it("works in a folder with nothing in it, with hardly any environment, and finds the library there", () =>
    withKernel({ cwd: folder, env: { PATH: process.env["PATH"] } }, async (kernel) => {
      assert.equal(result(await kernel.execute("process.cwd()")), `'${folder}'`);
      const answer = await kernel.execute(
        "import { Generator, ShapeError } from 'unrolled';\nconst g: Generator = new Generator(1); g instanceof Generator",
      );
      assert.equal(result(answer), "true");
      const typed = await kernel.execute("const s: string = new Generator(1)");
      assert.match(
        String(typed.reply.content["evalue"]),
        /Type 'Generator' is not assignable to type 'string'/,
      );
      const missing = await kernel.execute("import nothing from 'no-such-package'");
      assert.match(String(missing.reply.content["evalue"]), /Cannot find module 'no-such-package'/);
      assert.equal(kernel.log, "");
    }));

  it("delivers everything printed before process.exit, and ends with its code", () =>
    withKernel({}, async (kernel) => {
      const ended = once(kernel.process, "exit");
      const id = kernel.executeLater(
        "process.on('exit', () => console.log('bye')); for (let i = 0; i < 20_000; i++) console.log(i); process.exit(7)",
      );
      assert.deepEqual(await ended, [7, null]);
      await new Promise((resolve) => setTimeout(resolve, 200));
      assert.match(stream(kernel.of(id)), /\n19999\nbye\n$/);
      assert.equal(stream(kernel.of(id)).split("\n").length, 20_002);
    }));

  for (const [where, restart] of [
    ["control", true],
    ["control", false],
    ["shell", false],
  ] as const) {
    it(`ends when it is asked to on ${where}, and says whether it is to be restarted (${restart})`, () =>
      withKernel({}, async (kernel) => {
        const ended = once(kernel.process, "exit");
        const { reply } = await kernel.request("shutdown_request", { restart }, where);
        assert.deepEqual(reply.content, { status: "ok", restart });
        assert.deepEqual(await ended, [0, null]);
        if (where === "control") assert.equal(contents(kernel.published, "shutdown_reply").length, 1);
      }));
  }

  it("ends although a cell is busy", () =>
    withKernel({}, async (kernel) => {
      const id = kernel.executeLater("console.log('busy'); for (;;) {}");
      await kernel.printed(id, "busy");
      const ended = once(kernel.process, "exit");
      kernel.send("shutdown_request", { restart: false }, "control");
      await ended;
    }));

  it("ends when its parent was killed, if the parent asked for that", async function () {
    needs(this, process.platform !== "win32", "run on Linux or macOS");
    const file = path.join(folder, "orphan.json");
    const ports = { shell_port: 0, iopub_port: 0, stdin_port: 0, control_port: 0, hb_port: 0 };
    // Port 0 lets the system choose; nobody needs to connect here.
    writeFileSync(file, JSON.stringify({ ...ports, key: "k", transport: "tcp", ip: "127.0.0.1" }));
    const script = `
      const child = require("node:child_process").spawn(process.execPath, ${JSON.stringify([await builtKernel(), "--connection-file", file])},
        { stdio: "ignore", env: { ...process.env, JPY_PARENT_PID: String(process.pid) } });
      console.log(child.pid); setTimeout(() => process.kill(process.pid, "SIGKILL"), 1000)`;
    const { stdout } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
    const pid = Number(stdout);
    const alive = (): boolean => {
      try {
        process.kill(pid, 0);
        // A killed process that nobody has waited for still has an entry; it is dead all the same.
        return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
      } catch {
        return false;
      }
    };
    assert.ok(pid > 0);
    for (let i = 0; i < 200 && alive(); i++) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(alive(), false);
  });

  describe("says in one line what keeps it from starting", () => {
    const start = async (file: string, entry?: string): Promise<{ code: number | null; text: string }> => {
      const child = spawn(process.execPath, [entry ?? (await builtKernel()), "--connection-file", file], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      let text = "";
      for (const output of [child.stdout, child.stderr]) output.on("data", (chunk) => (text += chunk));
      const [code] = await once(child, "close");
      return { code, text };
    };
    const connection = path.join(folder, "connection.json");
    before(() => {
      const ports = { shell_port: 0, iopub_port: 0, stdin_port: 0, control_port: 0, hb_port: 0 };
      writeFileSync(connection, JSON.stringify({ ...ports, key: "", transport: "tcp", ip: "127.0.0.1" }));
    });

    it("a connection file that is no JSON, or lacks a port", async () => {
      const file = path.join(folder, "bad.json");
      writeFileSync(file, "{");
      const broken = await start(file);
      assert.equal(broken.code, 1);
      assert.match(broken.text, /^unrolled kernel: connection file .*bad\.json: not JSON .*\n$/);
      writeFileSync(file, JSON.stringify({ shell_port: 1 }));
      assert.match(
        (await start(file)).text,
        /^unrolled kernel: connection file .*bad\.json: "iopub_port" must be a port number\n$/,
      );
      writeFileSync(
        file,
        readFileSync(connection, "utf8").replace('"key":""', '"key":"k","signature_scheme":"md5"'),
      );
      assert.match((await start(file)).text, /signature scheme "md5" is not supported/);
    });

    it("a port that is taken", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const file = path.join(folder, "taken.json");
      const { port } = server.address() as { port: number };
      writeFileSync(file, readFileSync(connection, "utf8").replace('"shell_port":0', `"shell_port":${port}`));
      const { code, text } = await start(file);
      server.close();
      assert.equal(code, 1);
      assert.match(
        text,
        new RegExp(`^unrolled kernel: cannot listen on tcp://127\\.0\\.0\\.1:${port}: .*in use.*\n$`),
      );
    });

    it("a package that is not installed", async () => {
      // The kernel alone, away from the packages of this project.
      const home = path.join(folder, "alone");
      const built = await bundledKernel();
      cpSync(path.resolve(built, "../../.."), path.join(home, "dist"), { recursive: true });
      cpSync(path.join(ROOT, "package.json"), path.join(home, "package.json"));
      const entry = path.join(home, "dist/jupyter/kernel/main.js");
      const without = await start(connection, entry);
      assert.equal(without.code, 1);
      assert.equal(
        without.text,
        'unrolled kernel: The TypeScript kernel needs the package "tslab", which is not installed. Run: npm install tslab@1.0.22\n',
      );
      mkdirSync(path.join(home, "node_modules"));
      for (const name of ["tslab", "@tslab"]) {
        symlinkSync(path.join(ROOT, "node_modules", name), path.join(home, "node_modules", name));
      }
      const withoutZmq = await start(connection, entry);
      assert.equal(withoutZmq.code, 1);
      assert.equal(
        withoutZmq.text,
        'unrolled kernel: The TypeScript kernel needs the package "zeromq", which is not installed. Run: npm install zeromq@6\n',
      );
    });
  });
});
