/** Whether what was typed into a console can be run, needs more lines, or can never be right. */
import type { TS } from "../compile/tslab.ts";

export type Completeness = { status: "complete" | "invalid" } | { status: "incomplete"; indent: string };

/** Makes the parser read a cell as a module, where `await` is a keyword. */
const PREFIX = "export {};\n";

/** TypeScript's numbers for texts that end in the middle of a template or comment, or of something that has no more lines. */
const UNTERMINATED = { template: 1160, comment: 1010, string: 1002, pattern: 1161 };

export function isComplete(ts: typeof TS, code: string): Completeness {
  const text = PREFIX + code;
  const file = ts.createSourceFile("cell.ts", text, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  // Not in the public types: the errors of the parser alone.
  const { parseDiagnostics } = file as unknown as { parseDiagnostics: { start: number; code: number }[] };
  if (parseDiagnostics.length === 0) return { status: "complete" };
  const [first] = [...parseDiagnostics].sort((a, b) => a.start - b.start);
  switch (first.code) {
    case UNTERMINATED.template:
    case UNTERMINATED.comment:
      // White space would become part of the text.
      return { status: "incomplete", indent: "" };
    case UNTERMINATED.pattern:
      return { status: "invalid" };
    case UNTERMINATED.string:
      return code.endsWith("\\") ? { status: "incomplete", indent: "" } : { status: "invalid" };
    default:
      // What is missing at the very end may still come; what is wrong before it stays wrong.
      return first.start >= endOfCode(ts, text)
        ? { status: "incomplete", indent: indentAfter(code) }
        : { status: "invalid" };
  }
}

/** Where the last token ends: comments and white space after it do not count. */
function endOfCode(ts: typeof TS, text: string): number {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text);
  let end = 0;
  while (scanner.scan() !== ts.SyntaxKind.EndOfFileToken) end = scanner.getTextPos();
  return end;
}

/** As the last line, and one step deeper if it opens something. */
function indentAfter(code: string): string {
  const line = code.slice(code.trimEnd().lastIndexOf("\n") + 1).split("\n")[0];
  const present = /^\s*/.exec(line)![0];
  const withoutComment = line.replace(/\/\/.*$/, "").trimEnd();
  return /[{([]$|=>$/.test(withoutComment) ? `${present}  ` : present;
}
