/**
 * Entry of the kernel: `node dist/jupyter/kernel/main.js --connection-file FILE`. The notebook's folder is the one it
 * is started in.
 *
 * Three threads: this one compiles and runs cells (`compile/`, `run/`, `show/`) and answers questions about code
 * (`assist/`); the wire thread (`wire/wire-thread.ts`) owns the sockets, answers while this one is busy, and interrupts
 * it; the signal thread only waits (`wire/signal-thread.ts`). A request goes from the wire thread to `Kernel`, a cell
 * from there to `Session`, which has it compiled (`Compiler`, on tslab's converter) and run (tslab's executor), and
 * what the cell prints and shows goes back through `Streams`, the display hook and the wire thread's `Outbox`.
 */
import { readFileSync, writeSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import v8 from "node:v8";
import { MessageChannel, Worker } from "node:worker_threads";
import { UnrolledError } from "../../errors.ts";
import { useFastSimd } from "../../kernels/wasm/flags.ts";
import { Completer } from "./assist/completer.ts";
import { installInterruptHooks } from "./interrupt.ts";
import { Kernel } from "./kernel.ts";
import { describeKernel } from "./kernel-info.ts";
import { installBackgroundErrors } from "./run/background.ts";
import { prepareProcess } from "./run/environment.ts";
import { Input } from "./run/input.ts";
import { Session } from "./run/session.ts";
import { Streams } from "./run/streams.ts";
import { installDisplay } from "./show/display-hook.ts";
import { installPromiseInspection } from "./show/inspect-promises.ts";
import { SharedState } from "./wire/shared-state.ts";
import type { Outgoing, WireThreadOptions } from "./wire/thread-messages.ts";
import { parseConnectionInfo } from "./wire/wire.ts";

/** Longest wait, when the process ends, for the last output to leave. */
const CLOSE_MS = 1000;

function main(): void {
  // Before anything is compiled; the library, which cells import, finds them set.
  useFastSimd(process, v8.setFlagsFromString);
  const { values } = parseArgs({ options: { "connection-file": { type: "string" } } });
  const file = values["connection-file"];
  if (file === undefined) throw new UnrolledError("usage: node main.js --connection-file FILE");
  const connection = parseConnectionInfo(readFileSync(file, "utf8"), file);

  const state = new SharedState();
  const kernelInfo = describeKernel();
  const { port1: port, port2 } = new MessageChannel();
  startWireThread(
    { connection, memory: state.memory, kernelInfo, port: port2 },
    (message) => port.postMessage(message),
    state,
  );

  prepareProcess();
  const session = new Session(state);
  const { tslab, tracebacks, executor } = session;
  const post = (message: Outgoing): void => port.postMessage(message);
  const streams = new Streams(state, post);
  const input = new Input(post);
  const completer = new Completer(executor, tslab.ts);
  const kernel = new Kernel({ port, session, state, streams, completer, input, kernelInfo });
  installInterruptHooks(state);
  installDisplay({ publish: kernel.publish.bind(kernel), streams, tracebacks, tslab });
  input.install();
  tracebacks.install();
  streams.install();
  installPromiseInspection();
  installBackgroundErrors(streams, tracebacks);
  kernel.start();
  setImmediate(() => session.warmUp(() => kernel.idle));
}

function startWireThread(
  options: WireThreadOptions,
  post: (message: Outgoing) => void,
  state: SharedState,
): void {
  const file = `./wire/wire-thread${path.extname(fileURLToPath(import.meta.url))}`;
  const thread = new Worker(new URL(file, import.meta.url), {
    workerData: options,
    transferList: [options.port],
  });
  let alive = true;
  const failed = (error: unknown): void => {
    alive = false;
    fail(error);
  };
  thread.on("error", failed);
  thread.on("message", failed);
  atVeryEnd(() => {
    if (!alive) return;
    post({ kind: "close" });
    state.wait("closed", 0, CLOSE_MS);
  });
}

/** After the listeners of the event "exit", which may print; Node has no public way to come last. */
function atVeryEnd(work: () => void): void {
  const node = process as unknown as { reallyExit?: (code?: number) => never };
  const { reallyExit } = node;
  if (typeof reallyExit !== "function") {
    process.on("exit", work);
    return;
  }
  node.reallyExit = (code) => {
    work();
    return reallyExit.call(process, code);
  };
}

/** What we refuse on purpose needs a sentence, not a stack; the wire thread sends the sentence alone. */
function fail(error: unknown): never {
  const text =
    error instanceof UnrolledError
      ? error.message
      : typeof error === "string"
        ? error
        : (error as Error)?.stack;
  // Not process.stderr, which cells may own by now.
  writeSync(2, `unrolled kernel: ${text ?? error}\n`);
  process.exit(1);
}

try {
  main();
} catch (error) {
  fail(error);
}
