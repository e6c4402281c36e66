/** What the compiler knows while a cell is being written: completions and documentation. */

import type { Executor, TS } from "../compile/tslab.ts";
import type { Json } from "../wire/wire.ts";
import { toCodePoints, toIndex } from "./code-points.ts";
import { describe, type QuickInfo } from "./documentation.ts";

export class Completer {
  readonly #executor: Executor;
  readonly #ts: typeof TS;

  constructor(executor: Executor, ts: typeof TS) {
    this.#executor = executor;
    this.#ts = ts;
  }

  /** Answers a `complete_request`; positions count code points. */
  complete(code: string, cursor: number): Json {
    const position = toIndex(code, cursor);
    const info = attempt(() => this.#executor.complete(code, position));
    const span = info?.original?.optionalReplacementSpan;
    const start = span?.start ?? info?.start ?? position;
    const end = Math.max(position, span ? span.start + span.length : (info?.end ?? position));
    const entries = matching(info?.original?.entries ?? [], code.slice(start, position));
    const range = { start: toCodePoints(code, start), end: toCodePoints(code, end) };
    return {
      status: "ok",
      matches: entries.map(({ name }) => name),
      cursor_start: range.start,
      cursor_end: range.end,
      // Not part of the protocol, but how JupyterLab and IPython agree on icons.
      metadata: {
        _jupyter_types_experimental: entries.map(({ name, kind }) => ({ ...range, text: name, type: kind })),
      },
    };
  }

  /** Answers an `inspect_request`: the name at the cursor, or else the function whose call the cursor is in. */
  inspect(code: string, cursor: number): Json {
    const position = toIndex(code, cursor);
    const info = this.#quickInfo(code, position) ?? this.#quickInfoOfCall(code, position);
    if (!info) return { status: "ok", found: false, data: {}, metadata: {} };
    return { status: "ok", found: true, data: describe(info), metadata: {} };
  }

  #quickInfo(code: string, position: number): QuickInfo | undefined {
    const info = attempt(() => this.#executor.inspect(code, position));
    // For a name that it does not know the compiler says "any", of no kind.
    return info && (info.kind as string) !== "" ? info : undefined;
  }

  #quickInfoOfCall(code: string, position: number): QuickInfo | undefined {
    const callee = enclosingCallee(this.#ts, code, position);
    return callee === undefined ? undefined : this.#quickInfo(code, callee);
  }
}

/** Names that begin with what is typed; failing that, in any case; failing that, names that contain it. */
function matching(entries: readonly TS.CompletionEntry[], typed: string): TS.CompletionEntry[] {
  const lower = typed.toLowerCase();
  const tests: ((name: string) => boolean)[] = [
    (name) => name.startsWith(typed),
    (name) => name.toLowerCase().startsWith(lower),
    (name) => name.toLowerCase().includes(lower),
  ];
  for (const test of tests) {
    const found = entries.filter(({ name }) => test(name));
    if (found.length > 0) {
      return found.sort((a, b) => compare(a.sortText, b.sortText) || compare(a.name, b.name));
    }
  }
  return [];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The end of the callee's name in the innermost call (or `new`) whose argument list holds the position. */
function enclosingCallee(ts: typeof TS, code: string, position: number): number | undefined {
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  let found: number | undefined;
  const visit = (node: TS.Node): void => {
    if (position < node.pos || position > node.end) return;
    if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && position > node.expression.end) {
      found = node.expression.end;
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** The compiler was not made for half a program: some of its failures only mean that it has no answer. */
function attempt<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
