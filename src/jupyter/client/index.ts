/** A client for any Jupyter kernel: starts it, talks to it, interrupts it and ends it. */
export { type ConnectionInfo, newKey } from "./connection.ts";
export { describeExit, KernelDiedError, type KernelExit, KernelTimeoutError } from "./errors.ts";
export {
  type KernelEvents,
  type KernelOptions,
  KernelProcess,
  type KernelStatus,
} from "./kernel-process.ts";
export {
  type Channel,
  type JsonObject,
  type JupyterMessage,
  MessageError,
  type MessageHeader,
  Session,
} from "./message.ts";
export type { RequestOptions } from "./requests.ts";
