import { createRequire } from "node:module";
import type * as Services from "@jupyterlab/services";
import { WebSocket } from "ws";
import type { TestServer } from "./helpers.ts";

/** JupyterLab's own client library. It is CommonJS, and its ES import brings another set of names. */
export const services = createRequire(import.meta.url)("@jupyterlab/services") as typeof Services;

export type Kernel = Services.Kernel.IKernelConnection;
export type Message = Services.KernelMessage.IMessage;
export type Output = { type: string; content: Record<string, unknown> };

/** As a browser tab with the token would be set up. */
export function settingsFor(test: TestServer): Services.ServerConnection.ISettings {
  return services.ServerConnection.makeSettings({
    baseUrl: test.server.origin,
    wsUrl: test.server.origin.replace("http", "ws"),
    token: test.server.token,
    appendToken: true,
    appUrl: "lab",
    WebSocket: WebSocket as never,
  });
}

/** Keeps the library's debug lines out of the report of the tests. */
export function silenceClient(): void {
  const quiet = ["debug", "warn", "log"] as const;
  const kept = quiet.map((name) => console[name]);
  before(() => {
    for (const name of quiet) console[name] = () => undefined;
  });
  after(() => {
    quiet.forEach((name, i) => {
      console[name] = kept[i];
    });
  });
}

/** Runs code and collects what it puts out, the reply last. */
export async function run(
  kernel: Kernel,
  code: string,
): Promise<{ outputs: Output[]; reply: Record<string, unknown> }> {
  const future = kernel.requestExecute({ code });
  const outputs: Output[] = [];
  future.onIOPub = (message) => {
    outputs.push({ type: message.header.msg_type, content: message.content as Record<string, unknown> });
  };
  const reply = await future.done;
  return { outputs, reply: reply.content as unknown as Record<string, unknown> };
}

export function printed(outputs: Output[], name = "stdout"): string {
  return outputs
    .filter(({ type, content }) => type === "stream" && content["name"] === name)
    .map(({ content }) => content["text"])
    .join("");
}

/** Resolves when the condition holds; mocha's limit ends what never comes. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
