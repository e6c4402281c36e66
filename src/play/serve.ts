import { createServer, type Server } from "node:http";

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
};

/** Nothing from elsewhere and nothing sent anywhere; the kernels are WebAssembly. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A server of these files and of nothing else, for this machine. */
export function playServer(files: ReadonlyMap<string, Uint8Array>): Server {
  return createServer((request, response) => {
    const host = (request.headers.host ?? "").replace(/:\d+$/, "");
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    const content = files.get(name);
    const get = request.method === "GET" || request.method === "HEAD";
    // Another site's page must not read the model through a name of its own that points here.
    if (!["127.0.0.1", "localhost", "[::1]"].includes(host)) response.writeHead(403).end();
    else if (!get) response.writeHead(405, { allow: "GET, HEAD" }).end();
    else if (!content) response.writeHead(404).end();
    else {
      response.writeHead(200, {
        "content-type": TYPES[name.slice(name.lastIndexOf(".") + 1)],
        "content-length": content.length,
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
      });
      response.end(request.method === "HEAD" ? undefined : content);
    }
  });
}
