import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import os from "node:os";
import path from "node:path";

/** What a connection file says; the field names are Jupyter's. */
export interface ConnectionInfo {
  transport: "tcp";
  ip: string;
  shell_port: number;
  control_port: number;
  stdin_port: number;
  iopub_port: number;
  hb_port: number;
  signature_scheme: "hmac-sha256";
  key: string;
  kernel_name: string;
}

/** A connection file that only its owner can read, in a folder of its own; `remove` deletes both. */
export interface ConnectionFile {
  info: ConnectionInfo;
  path: string;
  remove(): Promise<void>;
}

/** What still lies on the disk; it holds keys, so it goes when we exit without having ended our kernels. */
const folders = new Set<string>();

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

/** Picks five free ports on loopback and writes them, with the key, for a kernel to read. */
export async function createConnectionFile(options: {
  kernelName: string;
  key: string;
}): Promise<ConnectionFile> {
  const [shell_port, control_port, stdin_port, iopub_port, hb_port] = await freePorts(5);
  const info: ConnectionInfo = {
    transport: "tcp",
    ip: "127.0.0.1",
    shell_port,
    control_port,
    stdin_port,
    iopub_port,
    hb_port,
    signature_scheme: "hmac-sha256",
    key: options.key,
    kernel_name: options.kernelName,
  };
  // mkdtemp makes the folder with mode 0700.
  const folder = await mkdtemp(path.join(os.tmpdir(), "unrolled-kernel-"));
  if (folders.size === 0) process.once("exit", removeAll);
  folders.add(folder);
  const file = path.join(folder, "connection.json");
  await writeFile(file, JSON.stringify(info, null, 2), { mode: 0o600, flag: "wx" });
  const remove = async () => {
    await rm(folder, { recursive: true, force: true });
    folders.delete(folder);
    if (folders.size === 0) process.off("exit", removeAll);
  };
  return { info, path: file, remove };
}

/** A fresh 256-bit secret. */
export function newKey(): string {
  return randomBytes(32).toString("hex");
}

/** The protocol has the kernel bind ports that we name, so somebody else may take one in between: callers retry. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}
