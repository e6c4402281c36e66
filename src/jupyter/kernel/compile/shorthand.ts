/**
 * `{ corpus }` for a variable of an earlier cell. tslab writes `exports.corpus` for such a variable wherever it is used
 * as an expression, but not where it stands as a shorthand property: there it looks up the property's symbol, and the
 * cell ends with "corpus is not defined". So each shorthand is written out, `{ corpus: corpus }`, before tslab sees it,
 * and the checker is taught which variable the second name is.
 *
 * The names of properties in patterns are quoted, `const { "corpus": c } = …`: tslab would write `exports.` before a name that is a
 * property of an earlier cell's variable, and the cell would end with a SyntaxError.
 */
import type { TS } from "./tslab.ts";

export interface Shorthands {
  /** To run before tslab's own transformers. */
  readonly transformer: TS.TransformerFactory<TS.SourceFile>;
  /** Makes a program's checker know the names that the transformer wrote. */
  teach(checker: TS.TypeChecker): void;
}

export function expandShorthands(ts: typeof TS): Shorthands {
  const { factory } = ts;
  const origins = new WeakMap<TS.Node, TS.ShorthandPropertyAssignment>();
  const taught = new WeakSet<TS.TypeChecker>();
  const quoted = (name: TS.Identifier): TS.StringLiteral =>
    ts.setTextRange(factory.createStringLiteral(name.text), name);
  const expand = (node: TS.ShorthandPropertyAssignment): TS.PropertyAssignment => {
    const value = ts.setTextRange(factory.createIdentifier(node.name.text), node.name);
    origins.set(value, node);
    const { objectAssignmentInitializer: fallback } = node; // `({ a = 1 } = …)`
    return ts.setTextRange(
      factory.createPropertyAssignment(
        quoted(node.name),
        fallback ? factory.createAssignment(value, fallback) : value,
      ),
      node,
    );
  };
  return {
    transformer: (context) => {
      const visit = (node: TS.Node): TS.Node => {
        const visited = ts.visitEachChild(node, visit, context);
        if (ts.isShorthandPropertyAssignment(visited)) return expand(visited);
        if (ts.isPropertyAssignment(visited) && ts.isIdentifier(visited.name) && inPattern(ts, node)) {
          return factory.updatePropertyAssignment(visited, quoted(visited.name), visited.initializer);
        }
        if (
          ts.isBindingElement(visited) &&
          visited.propertyName !== undefined &&
          ts.isIdentifier(visited.propertyName)
        ) {
          const { dotDotDotToken, propertyName, name, initializer } = visited;
          return factory.updateBindingElement(
            visited,
            dotDotDotToken,
            quoted(propertyName),
            name,
            initializer,
          );
        }
        return visited;
      };
      return (file) => ts.visitNode(file, visit) as TS.SourceFile;
    },
    teach(checker) {
      if (taught.has(checker)) return;
      taught.add(checker);
      const plain = checker.getSymbolAtLocation.bind(checker);
      checker.getSymbolAtLocation = (node) => {
        const origin = origins.get(node);
        return origin ? checker.getShorthandAssignmentValueSymbol(ts.getOriginalNode(origin)) : plain(node);
      };
    },
  };
}

/** Whether a property stands in a literal that takes values apart: `({ a: x } = …)`, `for ({ a: x } of …)`. */
function inPattern(ts: typeof TS, property: TS.Node): boolean {
  for (let node = property.parent; node; node = node.parent) {
    const { parent } = node;
    if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      return parent.left === node; // with a default value, `[{ a: x } = {}] = …`, too
    }
    if (ts.isForOfStatement(parent) || ts.isForInStatement(parent)) return parent.initializer === node;
    const within =
      ts.isPropertyAssignment(parent) ||
      ts.isObjectLiteralExpression(parent) ||
      ts.isArrayLiteralExpression(parent) ||
      ts.isSpreadElement(parent) ||
      ts.isParenthesizedExpression(parent);
    if (!within) return false;
  }
  return false;
}
