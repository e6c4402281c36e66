/**
 * `{ corpus }` for a variable of an earlier cell. tslab writes `exports.corpus` for such a variable wherever it is used
 * as an expression, but not where it stands as a shorthand property: there it looks up the property's symbol, and the
 * cell ends with "corpus is not defined". So each shorthand is written out, `{ corpus: corpus }`, before tslab sees it,
 * and the checker is taught which variable the second name is.
 *
 * And the reverse: in `({ a: x }: Point) => …` with a type `Point` of an earlier cell, tslab takes the name `a` of the
 * property, declared there, for a variable, and writes `({ exports, a: x })`: a parameter that hides the real `exports`.
 * So such a name is put anew, as one of which the checker knows nothing.
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
  const expand = (node: TS.ShorthandPropertyAssignment): TS.PropertyAssignment => {
    const value = ts.setTextRange(factory.createIdentifier(node.name.text), node.name);
    origins.set(value, node);
    const { objectAssignmentInitializer: fallback } = node; // `({ a = 1 } = …)`
    return ts.setTextRange(
      factory.createPropertyAssignment(
        node.name,
        fallback ? factory.createAssignment(value, fallback) : value,
      ),
      node,
    );
  };
  /** `{ a: x }` of a pattern, with an `a` that has no symbol. */
  const unbind = (node: TS.BindingElement): TS.BindingElement => {
    const { dotDotDotToken, propertyName, name, initializer } = node;
    if (!propertyName || !ts.isIdentifier(propertyName)) return node;
    const plain = ts.setTextRange(factory.createIdentifier(propertyName.text), propertyName);
    return factory.updateBindingElement(node, dotDotDotToken, plain, name, initializer);
  };
  return {
    transformer: (context) => {
      const visit = (node: TS.Node): TS.Node => {
        const visited = ts.visitEachChild(node, visit, context);
        if (ts.isBindingElement(visited)) return unbind(visited);
        return ts.isShorthandPropertyAssignment(visited) ? expand(visited) : visited;
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
