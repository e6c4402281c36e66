/**
 * Variables that may change live in the cell that declared them, and all cells see the same one.
 *
 * tslab copies a variable into the object that holds the variables of all cells whenever the cell assigns to it: code
 * of that cell never sees what a later cell assigns (`let rate = 0.1; const step = () => rate`, then `rate = 0.01`:
 * `step()` is still 0.1), and every assignment in a loop costs a third of a microsecond. Here the shared object gets an
 * accessor for it instead, and the cell itself works on a plain variable.
 */
import { HOOKS_NAME } from "../run/await-hooks.ts";
import type { TS } from "./tslab.ts";

export interface LiveVariables {
  transformer: TS.TransformerFactory<TS.SourceFile>;
  /** Code to run before everything else in the cell; known once the transformer has run. */
  prologue(): string;
  /** All names that the cell declares; known then, too. */
  readonly names: ReadonlySet<string>;
}

/** Takes the variables out of the `export { … }` that tslab writes at the end of a cell. */
export function liveVariables(ts: typeof TS): LiveVariables {
  const live: string[] = [];
  const settled: string[] = [];
  const names = new Set<string>();
  const transformer: TS.TransformerFactory<TS.SourceFile> = (context) => (file) => {
    const constant = constantNames(ts, file);
    const visit = (node: TS.Node): TS.Node => {
      if (!ts.isExportDeclaration(node) || node.moduleSpecifier || !node.exportClause) return node;
      if (!ts.isNamedExports(node.exportClause)) return node;
      const kept = node.exportClause.elements.filter(({ name }) => {
        const isConstant = constant.has(name.text);
        names.add(name.text);
        (isConstant ? settled : live).push(name.text);
        return isConstant;
      });
      const { factory } = context;
      const clause = factory.updateNamedExports(node.exportClause, kept);
      return factory.updateExportDeclaration(node, undefined, false, clause, undefined, undefined);
    };
    return ts.visitEachChild(file, visit, context);
  };
  return {
    transformer,
    names,
    prologue: () => {
      if (live.length === 0 && settled.length === 0) return "";
      const accessors = live.map((name) => `${name}: [() => ${name}, (v) => { ${name} = v; }]`);
      return `${HOOKS_NAME}.declare(exports, ${JSON.stringify(settled)}, { ${accessors.join(", ")} }); `;
    },
  };
}

/** Names of the file that are never assigned again: constants, functions, classes, imports. */
function constantNames(ts: typeof TS, file: TS.SourceFile): Set<string> {
  const names = new Set<string>();
  const addBinding = (name: TS.BindingName): void => {
    if (ts.isIdentifier(name)) names.add(name.text);
    else for (const element of name.elements) if (ts.isBindingElement(element)) addBinding(element.name);
  };
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) {
      if (!(statement.declarationList.flags & ts.NodeFlags.Const)) continue;
      for (const { name } of statement.declarationList.declarations) addBinding(name);
    } else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
      if (statement.name) names.add(statement.name.text);
    } else if (ts.isImportDeclaration(statement)) {
      const { name, namedBindings } = statement.importClause ?? {};
      if (name) names.add(name.text);
      if (namedBindings && ts.isNamespaceImport(namedBindings)) names.add(namedBindings.name.text);
      else for (const element of namedBindings?.elements ?? []) names.add(element.name.text);
    }
  }
  return names;
}

type Accessors = Record<string, [get: () => unknown, set: (value: unknown) => void]>;

/**
 * The other side of {@link liveVariables}: keeps the accessors on the prototype of the shared object, where tslab's
 * proxy, which turns every accessor into a value, does not get to see them.
 */
export class SharedVariables {
  readonly #accessors: object = Object.create(Object.prototype);

  /** @param shared the object that holds the variables of all cells */
  constructor(shared: object) {
    Object.setPrototypeOf(shared, this.#accessors);
  }

  /** Called by a cell before it runs, with the names that it declares. */
  declare(shared: Record<string, unknown>, settled: readonly string[], live: Accessors): void {
    // A variable of an earlier cell with the same name is another variable, and keeps its value for that cell.
    for (const name of settled) Reflect.deleteProperty(this.#accessors, name);
    for (const [name, [get, set]] of Object.entries(live)) {
      delete shared[name];
      Object.defineProperty(this.#accessors, name, { get, set, enumerable: true, configurable: true });
    }
  }
}
