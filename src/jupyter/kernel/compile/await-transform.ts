/**
 * Makes the awaits of a cell interruptible: `await x` → `__cell__.check(await __cell__.resume(x))` and
 * `for await (… of x)` → `for await (… of __cell__.each(x))`. What the three do is in await-hooks.ts.
 */
import { HOOKS_NAME } from "../run/await-hooks.ts";
import type { TS } from "./tslab.ts";

/** `onTopLevel` is called for every await outside of functions: the script must then run as an async function. */
export function interruptibleAwaits(
  ts: typeof TS,
  onTopLevel: () => void,
): TS.TransformerFactory<TS.SourceFile> {
  const { factory } = ts;
  let depth = 0;
  const call = (method: string, argument: TS.Expression): TS.Expression =>
    factory.createCallExpression(
      factory.createPropertyAccessExpression(factory.createIdentifier(HOOKS_NAME), method),
      undefined,
      [argument],
    );
  return (context) => {
    const visit = (node: TS.Node): TS.Node => {
      const scope = ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node) ? 1 : 0;
      depth += scope;
      const visited = ts.visitEachChild(node, visit, context);
      depth -= scope;
      const awaits = ts.isAwaitExpression(visited) || (ts.isForOfStatement(visited) && visited.awaitModifier);
      if (awaits && depth === 0) onTopLevel();
      if (ts.isAwaitExpression(visited)) {
        return call("check", factory.updateAwaitExpression(visited, call("resume", visited.expression)));
      }
      if (ts.isForOfStatement(visited) && visited.awaitModifier) {
        const { awaitModifier, initializer, expression, statement } = visited;
        return factory.updateForOfStatement(
          visited,
          awaitModifier,
          initializer,
          call("each", expression),
          statement,
        );
      }
      return visited;
    };
    return (file) => ts.visitNode(file, visit) as TS.SourceFile;
  };
}
