/**
 * What a cell declared before it failed. tslab forgets all of it, although the values are there: a model made in the
 * first line would be lost to an error, or an interrupt, in the last.
 */
import type { TS } from "./tslab.ts";

/**
 * Of the declarations after a cell, those whose variables have a value.
 * @param declarations what tslab would carry over to the next cell, had this one not failed
 */
export function survivors(ts: typeof TS, declarations: string, values: Record<string, unknown>): string {
  const file = ts.createSourceFile("declarations.d.ts", declarations, ts.ScriptTarget.Latest, false);
  const hasValue = (name: string): boolean => values[name] !== undefined;
  const kept = file.statements.filter((statement) => {
    if (ts.isVariableStatement(statement)) {
      // tslab declares one variable a statement.
      return statement.declarationList.declarations.every(
        ({ name }) => ts.isIdentifier(name) && hasValue(name.text),
      );
    }
    if (
      ts.isClassDeclaration(statement) ||
      ts.isEnumDeclaration(statement) ||
      ts.isFunctionDeclaration(statement)
    ) {
      return statement.name !== undefined && hasValue(statement.name.text);
    }
    return true;
  });
  return kept
    .map((statement) => declarations.slice(statement.pos, statement.end))
    .join("")
    .trimStart();
}
