import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { UnrolledError } from "../../errors.ts";

/** How many ports after the wanted one are tried, before the system may choose any. */
const neighbours = 50;

/** Listens on 127.0.0.1 at this port or the next free one. @returns the port. */
export async function listenOnLoopback(server: Server, wanted: number): Promise<number> {
  const candidates = wanted === 0 ? [0] : Array.from({ length: neighbours }, (_, i) => wanted + i).concat(0);
  for (const port of candidates) {
    if (port > 65_535) continue;
    try {
      return await listen(server, port);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // EACCES: a port below 1024, or one that Windows has reserved.
      if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
    }
  }
  throw new UnrolledError(`no free port on 127.0.0.1 from ${wanted} on`);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
