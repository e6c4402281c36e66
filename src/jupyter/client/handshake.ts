import { setTimeout as delay } from "node:timers/promises";
import { KernelDiedError, KernelTimeoutError } from "./errors.ts";
import type { KernelProcess } from "./kernel-process.ts";
import type { KernelLife } from "./life.ts";
import type { JsonObject, JupyterMessage } from "./message.ts";

const CHECK_MS = 20;
/** Not every kernel opens stdin; it matters only for cells that ask for input. */
const STDIN_MS = 500;
const ASK_AGAIN_MS = 1_000;

/**
 * Waits until the kernel has answered on shell and has been heard on iopub. Both are needed: a subscription is
 * set up later than a connection, and outputs sent before that are lost.
 * @returns the content of kernel_info_reply.
 */
export async function handshake(
  kernel: KernelProcess,
  { child, channels }: KernelLife,
  limitMs: number,
  signal?: AbortSignal,
): Promise<JsonObject> {
  const started = performance.now();
  let info: JsonObject | undefined;
  let heard = false;
  let asked = Number.NEGATIVE_INFINITY;
  let wake = () => {};
  const listen = ({ channel, header, content }: JupyterMessage) => {
    if (channel === "iopub" && content["execution_state"] === "idle") heard = true;
    if (header.msg_type === "kernel_info_reply") info = content;
    if (info && heard) wake();
  };
  kernel.on("message", listen);
  const greeted = new Promise<void>((resolve) => {
    wake = resolve;
  });
  try {
    while (!(info && heard)) {
      signal?.throwIfAborted();
      if (!child.running)
        throw new KernelDiedError(kernel.name, await child.exited, { during: "while starting" });
      const now = performance.now();
      if (portTaken(child.log) || now - started > limitMs) {
        const what = portTaken(child.log)
          ? "found a port taken"
          : `did not answer within ${limitMs / 1000} s`;
        const log = child.log.trimEnd();
        throw new KernelTimeoutError(
          `the kernel "${kernel.name}" ${what} at its start${log && `. It wrote:\n${log}`}`,
        );
      }
      // After a reply only the subscription is missing, and any request makes the kernel publish a status.
      if (info || now - asked > ASK_AGAIN_MS) {
        asked = now;
        kernel.send(kernel.session.message("kernel_info_request", {}));
      }
      await Promise.race([greeted, child.exited, delay(CHECK_MS, undefined, { ref: false })]);
    }
    await Promise.race([channels.stdinConnected, child.exited, delay(STDIN_MS, undefined, { ref: false })]);
    return info;
  } finally {
    kernel.off("message", listen);
  }
}

/** Another process can take a port between our choosing it and the kernel's binding it. */
export function portTaken(log: string): boolean {
  return /EADDRINUSE|address already in use/i.test(log);
}
