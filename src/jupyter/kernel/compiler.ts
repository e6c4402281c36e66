/**
 * Compiles cells: tslab's converter, with what it lacks. It keeps a source map of every cell, gives the script a name
 * that stack traces show, and makes every `await` of a cell interruptible.
 */
import { SourceMap, type SourceMapPayload } from "node:module";
import { HOOKS_NAME } from "./await-hooks.ts";
import type { Converter, ConvertResult, Diagnostic, TS } from "./tslab.ts";

/** A position in what the user wrote; both from 0. */
export interface Position {
  line: number;
  column: number;
}

/** What is known of a cell that was compiled. */
export interface CompiledCell {
  source: string;
  diagnostics: Diagnostic[];
  lastExpression: string | undefined;
  /** From a position in the script to one in the cell; undefined for code that the compiler added. */
  original(line: number, column: number): Position | undefined;
}

/** The name of a cell's script, as it stands in raw stack traces. */
export function scriptName(id: number): string {
  return `unrolled-cell-${id}.ts`;
}

interface Maps {
  toModule: SourceMap;
  toSource: SourceMap | undefined;
}

/** tslab wraps a script into a function, on the script's first line. */
const WRAPPER = "(function(exports, require) { ";
const ASYNC_WRAPPER = "(async function(exports, require) { ";

export class Compiler {
  /** Set before each execution: the cell that the next `convert` compiles. */
  current: number = 0;
  readonly cells: Map<number, CompiledCell> = new Map();
  readonly #maps: Map<string, Maps> = new Map();

  /** The functions of the compiler that tslab is to see instead of TypeScript's own. */
  adapt(ts: typeof TS): Partial<typeof TS> {
    return {
      createWatchCompilerHost: ((roots: string[], options: TS.CompilerOptions, ...rest: unknown[]) =>
        (ts.createWatchCompilerHost as (...args: unknown[]) => unknown)(
          roots,
          { ...options, inlineSourceMap: true },
          ...rest,
        )) as typeof ts.createWatchCompilerHost,
      transpileModule: (input, options) => this.#transpile(ts, input, options),
    };
  }

  /** tslab's converter, with our additions to what it returns. */
  wrap(converter: Converter): Converter {
    return {
      ...converter,
      convert: (previous, source) => this.#convert(converter, previous, source),
    };
  }

  #convert(converter: Converter, previous: string, source: string): ConvertResult {
    this.#maps.clear();
    const result = converter.convert(previous, source);
    const maps = result.output === undefined ? undefined : this.#maps.get(result.output);
    const lines = result.output?.trimEnd().split("\n").length ?? 0;
    const shift = (result.hasToplevelAwait ? ASYNC_WRAPPER : WRAPPER).length;
    this.cells.set(this.current, {
      source,
      diagnostics: result.diagnostics,
      lastExpression: result.lastExpressionVar,
      original: (line, column) => {
        if (!maps || line >= lines) return undefined;
        return originalPosition(maps, line, line === 0 ? column - shift : column);
      },
    });
    if (result.output) result.output += `\n//# sourceURL=${scriptName(this.current)}`;
    return result;
  }

  /** Second step of tslab's compilation, from an ES module to what `vm` runs. */
  #transpile(ts: typeof TS, input: string, options: TS.TranspileOptions): TS.TranspileOutput {
    const { code, map } = splitInlineMap(input);
    const output = ts.transpileModule(code, {
      ...options,
      compilerOptions: { ...options.compilerOptions, sourceMap: true },
      transformers: { before: [interruptibleAwaits(ts)] },
    });
    const text = output.outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, "");
    this.#maps.set(text, { toModule: new SourceMap(JSON.parse(output.sourceMapText!)), toSource: map });
    return { ...output, outputText: text };
  }
}

function splitInlineMap(input: string): { code: string; map: SourceMap | undefined } {
  const found = /\n\/\/# sourceMappingURL=data:application\/json;base64,([\w+/=]+)\s*$/.exec(input);
  if (!found) return { code: input, map: undefined };
  const payload = JSON.parse(Buffer.from(found[1], "base64").toString()) as SourceMapPayload;
  return { code: input.slice(0, found.index), map: new SourceMap(payload) };
}

/** The converter puts one line, `export {};`, before what the user wrote. */
function originalPosition(maps: Maps, line: number, column: number): Position | undefined {
  let found: Position | undefined = lookUp(maps.toModule, { line, column });
  if (found && maps.toSource) found = lookUp(maps.toSource, found);
  return found && found.line >= 1 ? { line: found.line - 1, column: found.column } : undefined;
}

function lookUp(map: SourceMap, at: Position): Position | undefined {
  const entry = map.findEntry(at.line, at.column);
  return "originalLine" in entry ? { line: entry.originalLine, column: entry.originalColumn } : undefined;
}

/** `await x` → `__cell__.check(await __cell__.resume(x))`; `for await (… of x)` → `for await (… of __cell__.each(x))`. */
function interruptibleAwaits(ts: typeof TS): TS.TransformerFactory<TS.SourceFile> {
  const call = (method: string, argument: TS.Expression): TS.Expression =>
    ts.factory.createCallExpression(
      ts.factory.createPropertyAccessExpression(ts.factory.createIdentifier(HOOKS_NAME), method),
      undefined,
      [argument],
    );
  return (context) => {
    const visit = (node: TS.Node): TS.Node => {
      const visited = ts.visitEachChild(node, visit, context);
      if (ts.isAwaitExpression(visited)) {
        return call("check", ts.factory.updateAwaitExpression(visited, call("resume", visited.expression)));
      }
      if (ts.isForOfStatement(visited) && visited.awaitModifier) {
        return ts.factory.updateForOfStatement(
          visited,
          visited.awaitModifier,
          visited.initializer,
          call("each", visited.expression),
          visited.statement,
        );
      }
      return visited;
    };
    return (file) => ts.visitNode(file, visit) as TS.SourceFile;
  };
}
