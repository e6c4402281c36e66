/** What earlier cells declared, as tslab carries it from cell to cell, and where it loses some of it. */
import type { TS } from "./tslab.ts";

/**
 * Of the declarations after a cell that failed, those whose variables have a value. tslab forgets all of them, although
 * the values are there: a model made in the first line would be lost to an error, or an interrupt, in the last.
 * @param declarations what tslab would carry over to the next cell, had this one not failed
 */
export function survivors(ts: typeof TS, declarations: string, values: Record<string, unknown>): string {
  const hasValue = (name: string): boolean => {
    try {
      return values[name] !== undefined;
    } catch {
      return false; // a variable that the cell did not reach
    }
  };
  return keep(ts, declarations, (statement) => {
    if (ts.isVariableStatement(statement)) {
      // tslab declares one variable a statement.
      return statement.declarationList.declarations.every(
        ({ name }) => ts.isIdentifier(name) && hasValue(name.text),
      );
    }
    const name = valueName(ts, statement);
    return name === undefined || hasValue(name);
  });
}

/** Declarations of kinds that tslab forgets after one cell, namespaces and `import x = require()`, unless replaced. */
export function forgotten(ts: typeof TS, before: string, after: string, names: ReadonlySet<string>): string {
  if (!/\b(namespace|module|require)\b/.test(before)) return "";
  return keep(ts, before, (statement) => {
    if (!ts.isModuleDeclaration(statement) && !ts.isImportEqualsDeclaration(statement)) return false;
    const text = before.slice(statement.pos, statement.end).trim();
    return !names.has(statement.name.text) && !after.includes(text);
  });
}

/**
 * A cell without the `export` before its declarations, which means nothing in a notebook, but is often pasted along with
 * code, and which tslab takes for a second export of the same name. All positions stay.
 */
export function withoutExport(ts: typeof TS, source: string): string {
  if (!/\bexport\b/.test(source)) return source;
  const file = ts.createSourceFile("cell.ts", source, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  let text = source;
  for (const statement of file.statements) {
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
    const word = modifiers?.find(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!word || modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)) continue;
    text = `${text.slice(0, word.end - "export".length)}      ${text.slice(word.end)}`;
  }
  return text;
}

function keep(ts: typeof TS, declarations: string, wanted: (statement: TS.Statement) => boolean): string {
  const file = ts.createSourceFile("declarations.d.ts", declarations, ts.ScriptTarget.Latest, false);
  const texts = file.statements.filter(wanted).map(({ pos, end }) => declarations.slice(pos, end).trim());
  return texts.map((text) => `${text}\n`).join("");
}

/** The name under which a declaration has a value, if it is of a kind that has one. */
function valueName(ts: typeof TS, statement: TS.Statement): string | undefined {
  const named =
    ts.isClassDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isFunctionDeclaration(statement);
  return named ? (statement.name?.text ?? "") : undefined;
}
