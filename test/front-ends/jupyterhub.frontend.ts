import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import WebSocket from "ws";
import { needs } from "../hooks.ts";
import { run as runCode, services, silenceClient } from "../jupyter/server/lab-client.ts";
import { freePort } from "./free-port.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const TOKEN = "for-this-test-only";

const config = (folder: string, ports: { hub: number; public: number; proxy: number }): string => `
c.JupyterHub.bind_url = "http://127.0.0.1:${ports.public}"
c.JupyterHub.hub_port = ${ports.hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:${ports.proxy}"
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.cookie_secret_file = "${folder}/secret"
c.ConfigurableHTTPProxy.pid_file = "${folder}/proxy.pid"
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "${folder}/home/{username}"
c.Spawner.args = ["--allow-root"]
c.Spawner.environment = {"JUPYTER_PATH": "${folder}/prefix/share/jupyter"}
c.JupyterHub.services = [{"name": "test", "api_token": "${TOKEN}"}]
c.JupyterHub.load_roles = [{"name": "test", "services": ["test"], "scopes": ["admin:users", "admin:servers", "access:servers"]}]
`;

/** Debian's JupyterHub starts a server for a user, who finds our kernel there. */
describe("Debian's JupyterHub with the installed kernel", function () {
  this.timeout(180_000);
  silenceClient();
  let folder: string;
  let hub: ChildProcess | undefined;
  let origin: string;
  let log = "";

  async function api(method: string, place: string): Promise<Response> {
    return fetch(`${origin}/hub/api${place}`, { method, headers: { Authorization: `token ${TOKEN}` } });
  }

  before(async function () {
    needs(this, existsSync("/usr/bin/jupyterhub"), "install Debian's jupyterhub");
    folder = mkdtempSync(path.join(os.tmpdir(), "unrolled-hub-"));
    mkdirSync(path.join(folder, "home/learner"), { recursive: true });
    await run(process.execPath, [
      path.join(root, "dist/cli/main.js"),
      ...["kernel", "install", "--prefix", path.join(folder, "prefix")],
    ]);
    const ports = { hub: await freePort(), public: await freePort(), proxy: await freePort() };
    origin = `http://127.0.0.1:${ports.public}`;
    writeFileSync(path.join(folder, "config.py"), config(folder, ports));
    // Its proxy is a program for Debian's Node.js, which looks for modules where others do not.
    const env = { ...process.env, NODE_PATH: "/usr/share/nodejs" };
    hub = spawn("/usr/bin/jupyterhub", ["-f", path.join(folder, "config.py")], { cwd: folder, env });
    for (const stream of [hub.stdout!, hub.stderr!]) stream.on("data", (data) => (log += data));
    while (!log.includes("JupyterHub is now running")) {
      assert.equal(hub.exitCode, null, log);
      await delay(100);
    }
  });

  after(async () => {
    if (hub && hub.exitCode === null) {
      const ended = new Promise((resolve) => hub?.once("exit", resolve));
      hub.kill("SIGTERM");
      await ended;
    }
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it("starts a server for a user, with our kernel, which runs a cell on the library", async () => {
    assert.equal((await api("POST", "/users/learner")).status, 201);
    const started = (await api("POST", "/users/learner/server")).status;
    assert.ok(started === 201 || started === 202, String(started));
    while ((await (await api("GET", "/users/learner")).json()).server === null) await delay(200);
    const serverSettings = services.ServerConnection.makeSettings({
      baseUrl: `${origin}/user/learner/`,
      wsUrl: `${origin.replace("http", "ws")}/user/learner/`,
      token: TOKEN,
      appendToken: true,
      WebSocket: WebSocket as never,
    });
    const specs = await services.KernelSpecAPI.getSpecs(serverSettings);
    assert.equal(specs.kernelspecs["unrolled"]?.language, "typescript");
    const manager = new services.KernelManager({ serverSettings });
    const kernel = await manager.startNew({ name: "unrolled" });
    try {
      const answer = await runCode(kernel, "const twice = (n: number): number => 2 * n;\ntwice(21)");
      const result = answer.outputs.find(({ type }) => type === "execute_result");
      assert.deepEqual(result?.content["data"], { "text/plain": "42" });
      const failed = await runCode(kernel, "const n: number = 'one';");
      assert.equal(failed.reply["status"], "error");
      assert.match(String(failed.reply["evalue"]), /Type 'string' is not assignable to type 'number'/);
    } finally {
      await kernel.shutdown();
      manager.dispose();
      assert.equal((await api("DELETE", "/users/learner/server")).status, 204);
    }
  });
});
