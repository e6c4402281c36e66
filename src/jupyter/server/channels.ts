import { randomUUID } from "node:crypto";
import type { WebSocket } from "ws";
import type { JupyterMessage } from "../client/message.ts";
import { decodeMessage, encodeMessage, type Protocol, v1Protocol } from "./framing.ts";
import type { TabConnection } from "./kernel-tabs.ts";
import type { ManagedKernel } from "./managed-kernel.ts";

/** WebSocket close codes: RFC 6455, section 7.4.1. */
const normalClosure = 1000;
const unsupportedData = 1003;

/** A silent connection is probed this often; one that does not answer is dropped, so that its tab can reconnect. */
const probeInterval = 30_000;

/** Joins a browser's WebSocket to a kernel. @param session the tab's own id, the same when it reconnects. */
export function joinKernel(socket: WebSocket, kernel: ManagedKernel, session: string = randomUUID()): void {
  const protocol: Protocol = socket.protocol === v1Protocol ? v1Protocol : "";
  const connection: TabConnection = {
    send: (message: JupyterMessage, done: (delivered: boolean) => void): void => {
      const data = encodeMessage(message, protocol);
      socket.send(data, { binary: typeof data !== "string" }, (error) => done(!error));
    },
    close: (): void => socket.close(normalClosure),
  };
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    let message: JupyterMessage;
    try {
      message = decodeMessage(data, isBinary, protocol);
    } catch (error) {
      socket.close(unsupportedData, (error as Error).message.slice(0, 120));
      return;
    }
    kernel.fromTab(session, message);
  });
  // "close" follows every error, and says all we need.
  socket.on("error", () => undefined);
  const probe = startProbing(socket);
  socket.on("close", () => {
    clearInterval(probe);
    kernel.disconnect(session, connection);
  });
  kernel.connect(session, connection);
}

/** @returns the timer. */
function startProbing(socket: WebSocket): NodeJS.Timeout {
  let answered = true;
  socket.on("pong", () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (!answered) {
      socket.terminate();
      return;
    }
    answered = false;
    socket.ping();
  }, probeInterval);
  return timer.unref();
}
