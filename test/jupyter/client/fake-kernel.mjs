// A kernel that does what its cells say, misbehaviour included. A cell's code is a JSON list of steps, each a list of
// a name and arguments; see `steps`. Plain JavaScript, so that it starts in a tenth of a second.
// Environment: FAKE_START = exit | silent | taken, FAKE_MARK = a file that remembers the first start.
import { createHmac, randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Publisher, Reply, Router } from "zeromq";

const { FAKE_START, FAKE_MARK } = process.env;
if (FAKE_START === "exit") {
  process.stderr.write("fake kernel: no such luck\n");
  process.exit(7);
}
const first = FAKE_MARK !== undefined && !existsSync(FAKE_MARK);
if (first) writeFileSync(FAKE_MARK, "");
if (FAKE_START === "taken" && first) {
  process.stderr.write("Error: listen EADDRINUSE: Address already in use\n");
  await delay(60_000);
}

const info = JSON.parse(readFileSync(process.argv[2], "utf8"));
const options = { linger: 0, sendHighWaterMark: 0 };
const sockets = {
  shell: new Router(options),
  control: new Router(options),
  stdin: new Router(options),
  iopub: new Publisher(options),
  hb: new Reply({ linger: 0 }),
};
for (const [name, socket] of Object.entries(sockets)) {
  await socket.bind(`tcp://${info.ip}:${info[`${name}_port`]}`);
}

const DELIMITER = "<IDS|MSG>";
let count = 0;
let interrupted = () => {};
let deaf = false;
const tails = {};

/** Sends keep their order on each socket; zeromq allows one at a time. */
function post(channel, frames) {
  tails[channel] = (tails[channel] ?? Promise.resolve()).then(() => sockets[channel].send(frames));
  return tails[channel];
}

function send(channel, request, type, content, { key = info.key, buffers = [], raw } = {}) {
  const header = {
    msg_id: randomUUID(),
    msg_type: type,
    session: "fake",
    username: "fake",
    date: new Date().toISOString(),
    version: "5.3",
  };
  const parts = [header, request.header, {}, content].map((part) => JSON.stringify(part));
  if (raw !== undefined) parts[3] = raw;
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  const prefix = channel === "iopub" ? [`topic.${type}`] : request.identities;
  return post(channel, [...prefix, DELIMITER, hmac.digest("hex"), ...parts, ...buffers]);
}

function receive(frames) {
  const at = frames.findIndex((frame) => frame.toString() === DELIMITER);
  const [header, parent_header, metadata, content] = frames
    .slice(at + 2, at + 6)
    .map((part) => JSON.parse(part));
  return {
    identities: frames.slice(0, at),
    header,
    parent_header,
    metadata,
    content,
    buffers: frames.slice(at + 6),
  };
}

/** What a cell can say. A step that returns an object ends the cell with that reply. */
const steps = {
  stream: (request, name, text) => send("iopub", request, "stream", { name, text }),
  spam: (request, length) => send("iopub", request, "stream", { name: "stdout", text: "x".repeat(length) }),
  publish: (request, type, content) => send("iopub", request, type, content),
  echo: (request) => send("iopub", request, "echo", {}, { buffers: request.buffers }),
  forged: (request) => send("iopub", request, "stream", { name: "stdout", text: "forged" }, { key: "wrong" }),
  garbage: (request) => send("iopub", request, "stream", null, { raw: "{" }),
  env: (request, name) =>
    send("iopub", request, "stream", { name: "stdout", text: `${name}=${process.env[name] ?? "unset"}\n` }),
  failUnlessEnv: (request, name, value) => {
    if (process.env[name] !== value) return steps.error(request, "Error", `${name} is not ${value}`);
  },
  mark: (_request, file) => {
    writeFileSync(`${file}.part`, String(process.pid));
    renameSync(`${file}.part`, file);
  },
  cwd: (request, suffix = "") =>
    send("iopub", request, "stream", { name: "stdout", text: `${process.cwd()}${suffix}\n` }),
  connectionFile: (request) => send("iopub", request, "stream", { name: "stdout", text: process.argv[2] }),
  log: (_request, text) => void process.stderr.write(text),
  wait: (_request, ms) => delay(ms),
  later: (request, ms, text) => void setTimeout(() => steps.stream(request, "stdout", text), ms),
  laterExit: (_request, ms, code) => void setTimeout(() => process.exit(code), ms),
  input: async (request) => {
    await send("stdin", request, "input_request", { prompt: "name? ", password: false });
    const [...frames] = await sockets.stdin.receive();
    await steps.stream(request, "stdout", `hello ${receive(frames).content.value}`);
  },
  error: async (request, ename, evalue, traceback = [`${ename}: ${evalue}`]) => {
    await send("iopub", request, "error", { ename, evalue, traceback });
    return { status: "error", ename, evalue, traceback };
  },
  abort: () => ({ status: "aborted" }),
  hang: (_request, isDeaf = false) => {
    deaf = isDeaf;
    return new Promise((resolve) => {
      interrupted = () =>
        resolve({ status: "error", ename: "Interrupt", evalue: "", traceback: ["stopped here"] });
    });
  },
  busyLoop: () => {
    for (;;);
  },
  exit: async (_request, code) => {
    await Promise.all(Object.values(tails));
    await delay(20); // The frames are with ZeroMQ's own thread now.
    process.exit(code);
  },
  kill: (_request, signal) => {
    process.kill(process.pid, signal);
    return delay(10_000);
  },
};

async function execute(request) {
  count++;
  let reply;
  let idle = true;
  for (const [name, ...args] of JSON.parse(request.content.code)) {
    if (name === "noIdle") idle = false;
    else reply ??= await steps[name](request, ...args);
  }
  await send("shell", request, "execute_reply", {
    status: "ok",
    execution_count: count,
    ...(reply?.status ? reply : {}),
  });
  return idle;
}

async function handle(channel, request) {
  if (FAKE_START === "silent") return;
  await send("iopub", request, "status", { execution_state: "busy" });
  let idle = true;
  switch (request.header.msg_type) {
    case "kernel_info_request":
      await send(channel, request, "kernel_info_reply", {
        status: "ok",
        protocol_version: "5.3",
        implementation: "fake",
        language_info: { name: "steps", version: "1" },
        banner: "",
      });
      break;
    case "execute_request":
      idle = await execute(request);
      break;
    case "interrupt_request":
      if (deaf) return;
      interrupted();
      await send(channel, request, "interrupt_reply", { status: "ok" });
      break;
    case "shutdown_request":
      if (deaf) return;
      await send(channel, request, "shutdown_reply", { status: "ok", restart: request.content.restart });
      await steps.exit(request, 0);
      break;
  }
  if (idle) await send("iopub", request, "status", { execution_state: "idle" });
}

process.on("SIGINT", () => interrupted());
process.on("SIGTERM", () => deaf || process.exit(0));
for (const channel of ["shell", "control"]) {
  void (async () => {
    let last = Promise.resolve();
    for await (const frames of sockets[channel]) {
      const request = receive(frames);
      last = last.then(() => handle(channel, request));
    }
  })();
}
for await (const frames of sockets.hb) await sockets.hb.send(frames);
