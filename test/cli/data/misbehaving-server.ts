import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Request {
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

export type Behaviour = (request: Request, response: ServerResponse, content: Buffer, times: number) => void;

/** A server on this machine that holds one file, and answers as it is told to. */
export class MisbehavingServer {
  readonly requests: Request[] = [];
  content: Buffer;
  behaviour: Behaviour = wellBehaved;
  readonly #server = createServer((request, response) => this.#answer(request, response));

  constructor(content: Buffer) {
    this.content = content;
  }

  /** @returns the address, ending in "/". */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(incoming: IncomingMessage, response: ServerResponse): void {
    const header = (name: "range" | "if-range") => incoming.headers[name]?.toString();
    const request = { path: incoming.url ?? "", range: header("range"), ifRange: header("if-range") };
    this.requests.push(request);
    this.behaviour(request, response, this.content, this.requests.length);
  }
}

export const ETAG = '"one"';

/** Ranges, ETag, lengths: all as it should be. */
export const wellBehaved: Behaviour = ({ range, ifRange }, response, content) => {
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
  const same = ifRange === undefined || ifRange === ETAG;
  if (from > 0 && same) {
    if (from >= content.length) {
      response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
      return;
    }
    response.writeHead(206, {
      "content-length": content.length - from,
      "content-range": `bytes ${from}-${content.length - 1}/${content.length}`,
      etag: ETAG,
    });
    response.end(content.subarray(from));
    return;
  }
  response.writeHead(200, { "content-length": content.length, "accept-ranges": "bytes", etag: ETAG });
  response.end(content);
};

const hangUps: { at: number; response: ServerResponse }[] = [];

/** To be told how much has arrived: those who wanted to hang up then do so. */
export function arrived(total: number): void {
  for (const { at, response } of hangUps) if (total >= at) response.destroy();
}

/** Says the whole length, sends a part, and hangs up when it has arrived. */
export const hangsUpAfter =
  (bytes: number): Behaviour =>
  (request, response, content) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.range ?? "")?.[1] ?? 0);
    const to = Math.min(content.length, from + bytes);
    response.writeHead(from > 0 ? 206 : 200, {
      "content-length": content.length - from,
      "content-range": `bytes ${from}-${content.length - 1}/${content.length}`,
      etag: ETAG,
    });
    hangUps.length = 0;
    hangUps.push({ at: to, response });
    response.write(content.subarray(from, to));
  };

/** Sends a part and then nothing more. */
export const stallsAfter =
  (bytes: number): Behaviour =>
  (_request, response, content) => {
    response.writeHead(200, { "content-length": content.length, etag: ETAG });
    response.write(content.subarray(0, bytes));
  };

/** One byte at a time, for ever. */
export const drips: Behaviour = (_request, response, content) => {
  response.writeHead(200, { "content-length": content.length, etag: ETAG });
  let at = 0;
  const timer = setInterval(() => response.write(content.subarray(at, ++at)), 10);
  response.on("close", () => clearInterval(timer));
};
