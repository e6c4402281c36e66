/** What some bytes are, where they are plainly no text of a corpus; undefined if nothing can be said. */
export function identify(bytes: Uint8Array): string | undefined {
  const starts = (...codes: number[]) => codes.every((code, i) => bytes[i] === code);
  if (bytes.length === 0) return "empty";
  if (starts(0x1f, 0x8b)) return "a gzip archive; unpack it first (gunzip)";
  if (starts(0x50, 0x4b, 0x03, 0x04)) return "a zip archive; unpack it first";
  if (starts(0xff, 0xfe) || starts(0xfe, 0xff)) return "a text in UTF-16; save it as UTF-8";
  const text = new TextDecoder().decode(bytes.subarray(0, 65_536));
  if (/^\uFEFF?\s*(<!--[\s\S]*?-->\s*)*<(!doctype html|html|head|body|title|script)\b/i.test(text)) {
    const title = /<title[^>]*>\s*([^<]{1,200})/i.exec(text)?.[1]?.replace(/\s+/g, " ").trim();
    return `an HTML page${title ? ` ("${printable(title)}")` : ""}, not the file itself`;
  }
  if (text.startsWith("version https://git-lfs.github.com/spec/")) {
    return "a pointer of Git LFS, not the file itself; fetch it with git lfs pull";
  }
  return undefined;
}

/** What a stranger wrote, as it may be shown on a terminal: without control characters. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "").slice(0, 80);
}
