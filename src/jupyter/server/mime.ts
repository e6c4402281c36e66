import path from "node:path";

const types: Record<string, string> = {
  avif: "image/avif",
  bmp: "image/bmp",
  css: "text/css",
  csv: "text/csv",
  eot: "application/vnd.ms-fontobject",
  gif: "image/gif",
  gz: "application/gzip",
  htm: "text/html",
  html: "text/html",
  ico: "image/x-icon",
  ipynb: "application/x-ipynb+json",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  js: "text/javascript",
  json: "application/json",
  jsonl: "application/jsonl",
  map: "application/json",
  md: "text/markdown",
  mjs: "text/javascript",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  otf: "font/otf",
  pdf: "application/pdf",
  png: "image/png",
  py: "text/x-python",
  svg: "image/svg+xml",
  ts: "text/typescript",
  tsv: "text/tab-separated-values",
  ttf: "font/ttf",
  txt: "text/plain",
  wasm: "application/wasm",
  wav: "audio/wav",
  webm: "video/webm",
  webp: "image/webp",
  woff: "font/woff",
  woff2: "font/woff2",
  xml: "application/xml",
  yaml: "text/yaml",
  yml: "text/yaml",
  zip: "application/zip",
};

/** The MIME type that a file's name suggests, undefined if it suggests none. */
export function mimeType(name: string): string | undefined {
  const extension = path.extname(name).slice(1).toLowerCase();
  return Object.hasOwn(types, extension) ? types[extension] : undefined;
}

/** The same as a header, with the encoding that our own text files have. */
export function contentType(name: string): string {
  const type = mimeType(name) ?? "application/octet-stream";
  return type.startsWith("text/") || type.endsWith("json") || type.endsWith("xml")
    ? `${type}; charset=utf-8`
    : type;
}
