/** What was executed in this session, for consoles that offer it again. */
import type { Json } from "../wire/wire.ts";

interface Entry {
  line: number;
  input: string;
  output: string | null;
}

/** `[session, line, input]`, or `[session, line, [input, output]]` when outputs are asked for. */
export type HistoryItem = [number, number, string | [string, string | null]];

/** A kernel keeps one session, its own; the protocol calls the present one also 0. */
const SESSION = 1;

export class History {
  readonly #entries: Entry[] = [];

  add(line: number, input: string, output: unknown): void {
    this.#entries.push({ line, input, output: typeof output === "string" ? output : null });
  }

  /** Answers a `history_request`: the last `n`, a range of lines, or a search with a pattern of `*` and `?`. */
  answer(request: Json): HistoryItem[] {
    const withOutput = request["output"] === true;
    return this.#select(request).map(({ line, input, output }) => [
      SESSION,
      line,
      withOutput ? [input, output] : input,
    ]);
  }

  #select(request: Json): Entry[] {
    switch (request["hist_access_type"]) {
      case "tail":
        return last(this.#entries, request["n"]);
      case "range": {
        const session = Number(request["session"] ?? 0);
        if (session !== 0 && session !== SESSION) return [];
        const start = Number(request["start"] ?? 0);
        const stop = request["stop"] == null ? Number.POSITIVE_INFINITY : Number(request["stop"]);
        return this.#entries.filter(({ line }) => line >= start && line < stop);
      }
      case "search": {
        const pattern = glob(String(request["pattern"] ?? "*"));
        let found = this.#entries.filter(({ input }) => pattern.test(input));
        if (request["unique"] === true) {
          // The latest of equal inputs counts.
          found = found.filter((entry, i) => found.findLastIndex(({ input }) => input === entry.input) === i);
        }
        return last(found, request["n"]);
      }
      default:
        return [];
    }
  }
}

function last(entries: Entry[], n: unknown): Entry[] {
  const count = n == null ? entries.length : Math.max(0, Number(n));
  return count === 0 ? [] : entries.slice(-count);
}

/** A shell pattern over the whole text: `*` any characters, `?` one. */
function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^]*")
    .replaceAll("?", "[^]");
  return new RegExp(`^${source}$`);
}
