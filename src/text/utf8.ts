import { ArgumentError, DataError, describe } from "../errors.ts";

/** How bytes are read as text. */
export interface DecodeOptions {
  /**
   * `"lf"` (default): every CRLF becomes LF, so that a file from Windows gives the same tokens; a CR alone and
   * U+2028 stay. `"keep"`: nothing is changed.
   */
  newlines?: "lf" | "keep";
  /** `"strip"` (default) removes a byte order mark at the very beginning, `"keep"` leaves it as U+FEFF. */
  bom?: "strip" | "keep";
  /** A name of the WHATWG Encoding standard such as "euc-kr" (CP949) or "latin1"; default "utf-8". */
  encoding?: string;
}

/** 512 MiB: V8's strings end near 2²⁹ units, so a longer file could not be held as one text. */
const MAX_TEXT_BYTES: number = 2 ** 29;

/**
 * Bytes → text, strictly: bytes that are not UTF-8 are refused, never replaced by U+FFFD.
 *
 * @param name what the bytes are, for messages: usually the file's path.
 * @throws {DataError} naming the file, the byte offset, the line, and the encoding it may have been written in.
 */
export function decodeUtf8(bytes: Uint8Array, name: string = "text", options: DecodeOptions = {}): string {
  const { newlines = "lf", bom = "strip", encoding = "utf-8" } = options;
  // By what it can do: in a page the bytes may come from another frame.
  if (!ArrayBuffer.isView(bytes) || bytes.BYTES_PER_ELEMENT !== 1) {
    throw new ArgumentError(`decodeUtf8: give the bytes as a Uint8Array, got ${describe(bytes)}`);
  }
  refuseTooLong(bytes.length, name);
  const decoder = makeDecoder(encoding);
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    const found = decoder.encoding === "utf-8" ? findInvalidUtf8(bytes) : undefined;
    if (found) throw new DataError(explain(bytes, found, name), { cause });
    throw new DataError(`${name}: cannot be read as ${decoder.encoding}: ${(cause as Error).message}`, {
      cause,
    });
  }
  const zeros = decoder.encoding === "utf-8" ? looksLikeUtf16(bytes) : undefined;
  if (zeros) throw new DataError(`${name}: valid as UTF-8, but ${zeros}`); // ASCII in UTF-16 is, full of NULs
  if (bom === "strip" && text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  return newlines === "lf" ? text.replaceAll("\r\n", "\n") : text;
}

/** @throws {DataError} for more bytes than one text can hold. */
export function refuseTooLong(bytes: number, name: string): void {
  if (bytes <= MAX_TEXT_BYTES) return;
  throw new DataError(
    `${name}: ${bytes} bytes are more than one text can hold (${MAX_TEXT_BYTES} bytes, 512 MiB); ` +
      "cut the file into parts and train on one after the other",
  );
}

function makeDecoder(encoding: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  } catch (cause) {
    throw new ArgumentError(
      `decodeUtf8: unknown encoding ${describe(encoding)}; use a name such as "utf-8", "euc-kr" or "latin1"`,
      { cause },
    );
  }
}

interface InvalidByte {
  /** The first byte of the sequence that is not UTF-8. */
  offset: number;
  reason: string;
  /** The sequence is well-formed as far as it goes, but the bytes end. */
  cut: boolean;
}

/** The first violation of table 3-7 of the Unicode standard, undefined if the bytes are UTF-8. */
export function findInvalidUtf8(bytes: Uint8Array): InvalidByte | undefined {
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i];
    if (lead < 0x80) {
      i++;
      continue;
    }
    const hex = `0x${lead.toString(16).padStart(2, "0").toUpperCase()}`;
    const bad = (reason: string, cut = false): InvalidByte => ({
      offset: i,
      reason: `${hex}: ${reason}`,
      cut,
    });
    if (lead < 0xc2 || lead > 0xf4) return bad("no character of UTF-8 begins with this byte");
    const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    for (let k = 1; k < length; k++) {
      if (i + k >= bytes.length) return bad(`a character of ${length} bytes is cut off by the end`, true);
      // The second byte has a narrower range after E0 (overlong), ED (surrogates), F0 (overlong), F4 (> U+10FFFF).
      const low = k > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
      const high = k > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
      if (bytes[i + k] < low || bytes[i + k] > high) {
        return bad(`byte ${k + 1} of ${length} of this character is not allowed here`);
      }
    }
    i += length;
  }
  return undefined;
}

function explain(bytes: Uint8Array, { offset, reason, cut }: InvalidByte, name: string): string {
  let line = 1;
  for (let i = 0; i < offset; i++) if (bytes[i] === 0x0a) line++;
  return `${name}: not UTF-8 at byte ${offset} (line ${line}): ${reason}. ${guess(bytes, offset, cut)}`;
}

/** What a file that is not UTF-8 may be. A guess for a message, nothing is decoded by it. */
function guess(bytes: Uint8Array, offset: number, cut: boolean): string {
  const again = (label: string) => `read it with { encoding: "${label}" } or save it as UTF-8`;
  if (bytes[0] === 0xff && bytes[1] === 0xfe)
    return `It begins with the mark of UTF-16 LE: ${again("utf-16le")}`;
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return `It begins with the mark of UTF-16 BE: ${again("utf-16be")}`;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return "It begins like a gzip file: unpack it first";
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return "It begins like a zip file: unpack it first";
  const zeros = looksLikeUtf16(bytes);
  if (zeros) return `Besides, ${zeros}`;
  const multibyteBefore = bytes.subarray(0, offset).some((byte) => byte >= 0x80);
  if (cut && multibyteBefore)
    return "Everything before is UTF-8, so the file seems to be cut: fetch it again";
  if (looksKorean(bytes)) return `It may be CP949 / EUC-KR (Korean Windows): ${again("euc-kr")}`;
  const latin = `It may be Latin-1 or Windows-1252: ${again("windows-1252")}`;
  return cut ? `The file may be cut in the middle of a character. ${latin}` : latin;
}

/** Whether the bytes decode as CP949 without error, to Hangul for the most part (of what is not ASCII). */
function looksKorean(bytes: Uint8Array): boolean {
  try {
    const decoder = new TextDecoder("euc-kr", { fatal: true });
    const text = decoder.decode(bytes.subarray(0, 1 << 20), { stream: true });
    let hangul = 0;
    let other = 0;
    for (const character of text) {
      if (/[\uac00-\ud7a3\u3131-\u318e]/.test(character)) hangul++;
      else if (character > "\x7f") other++;
    }
    return hangul > other;
  } catch {
    return false; // not CP949, or this machine has no table for it
  }
}

/** Every second byte of Latin text in UTF-16 is zero. A sentence that says so, undefined if there is no such pattern. */
function looksLikeUtf16(bytes: Uint8Array): string | undefined {
  const sample = bytes.subarray(0, 4096);
  const zeros = [0, 0];
  for (let i = 0; i < sample.length; i++) if (sample[i] === 0) zeros[i & 1]++;
  if (Math.max(...zeros) < 2 || Math.max(...zeros) < 0.4 * (sample.length / 2)) return undefined;
  const label = zeros[1] >= zeros[0] ? "utf-16le" : "utf-16be";
  return (
    `${zeros[0] + zeros[1]} of the first ${sample.length} bytes are zero: it looks like ${label.toUpperCase()} ` +
    `without a byte order mark. Read it with { encoding: "${label}" } or save it as UTF-8`
  );
}
