/**
 * Entry of the kernel: `node dist/jupyter/kernel/main.js --connection-file FILE`. The notebook's folder is the one it
 * is started in.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { MessageChannel, Worker } from "node:worker_threads";
import { UnrolledError } from "../../errors.ts";
import { installBackgroundErrors } from "./background.ts";
import { Compiler } from "./compiler.ts";
import { Completer } from "./completer.ts";
import { installDisplay } from "./display-hook.ts";
import { Input } from "./input.ts";
import { installInterruptHooks } from "./interrupt.ts";
import { Kernel } from "./kernel.ts";
import { Session } from "./session.ts";
import { SharedState } from "./shared-state.ts";
import { Streams } from "./streams.ts";
import { Tracebacks } from "./traceback.ts";
import { loadTslab } from "./tslab.ts";
import { type Json, parseConnectionInfo } from "./wire.ts";

/** Longest wait, when the process ends, for the last output to leave. */
const CLOSE_MS = 1000;

function main(): void {
  const { values } = parseArgs({ options: { "connection-file": { type: "string" } } });
  const file = values["connection-file"];
  if (file === undefined) throw new UnrolledError("usage: main.js --connection-file FILE");
  const connection = parseConnectionInfo(readFileSync(file, "utf8"), file);

  const state = new SharedState();
  const { port1: port, port2 } = new MessageChannel();
  const extension = path.extname(fileURLToPath(import.meta.url));
  const kernelInfo = describeKernel();
  const worker = new Worker(new URL(`./wire-thread${extension}`, import.meta.url), {
    workerData: { connection, memory: state.memory, kernelInfo, port: port2 },
    transferList: [port2],
  });
  worker.on("error", fail);

  const compiler = new Compiler();
  const tslab = loadTslab((ts) => compiler.adapt(ts));
  const converter = tslab.createConverter({ isJS: false, isBrowser: false });
  const tracebacks = new Tracebacks(compiler);
  const session = new Session(tslab, converter, compiler, tracebacks, state);
  const streams = new Streams(state, (message) => port.postMessage(message));
  const completer = new Completer(session.executor, tslab.ts);
  const input = new Input((message) => port.postMessage(message));
  const kernel = new Kernel({ port, session, state, streams, completer, kernelInfo, ts: tslab.ts, input });
  installInterruptHooks(state);
  const publish = kernel.publish.bind(kernel);
  installDisplay({ publish, streams, tracebacks, tslab });
  input.install();
  tracebacks.install();
  streams.install();
  installBackgroundErrors(streams, tracebacks);
  process.on("exit", () => {
    port.postMessage({ kind: "close" });
    state.wait("closed", 0, CLOSE_MS);
  });
  kernel.start();
}

function describeKernel(): Json {
  const require = createRequire(import.meta.url);
  const { version } = require("../../../package.json") as { version: string };
  return {
    status: "ok",
    protocol_version: "5.3",
    implementation: "unrolled",
    implementation_version: version,
    language_info: {
      name: "typescript",
      version: "5.0.4",
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      codemirror_mode: { name: "javascript", typescript: true, mode: "typescript" },
      nbconvert_exporter: "script",
    },
    banner: `TypeScript on Node.js ${process.versions.node}, unrolled ${version}`,
    help_links: [],
    debugger: false,
  };
}

function fail(error: unknown): never {
  process.stderr.write(`unrolled kernel: ${error instanceof UnrolledError ? error.message : ((error as Error)?.stack ?? error)}\n`);
  process.exit(1);
}

try {
  main();
} catch (error) {
  fail(error);
}
