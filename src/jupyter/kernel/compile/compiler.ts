/**
 * Compiles cells: tslab's converter, with what it lacks. It keeps a source map of every cell, gives the script a name
 * that stack traces show, remembers what a failed cell declared, and makes every `await` of a cell interruptible.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { INPUT_DECLARATION } from "../run/input.ts";
import { interruptibleAwaits } from "./await-transform.ts";
import { CellMap, INLINE_MAP } from "./cell-map.ts";
import { forgotten, survivors, withoutExport } from "./declarations.ts";
import { liveVariables } from "./live-variables.ts";
import { CellPrograms, type WatchHost } from "./program.ts";
import { SideFiles } from "./side-files.ts";
import type { Converter, ConvertResult, Diagnostic, TS } from "./tslab.ts";
import { nodeTypeRoots } from "./type-roots.ts";

/** What is known of a cell that was compiled. */
export interface CompiledCell {
  source: string;
  diagnostics: Diagnostic[];
  lastExpression: string | undefined;
  map: CellMap | undefined;
  /** What was declared before the cell, as tslab sees it, and what would be after it. */
  before: string;
  after: string | undefined;
}

/** The name of a cell's script, as it stands in raw stack traces. */
function scriptName(id: number): string {
  return `unrolled-cell-${id}.ts`;
}

/** Beside this package stand the packages that it was installed with. */
const OWN_FOLDER = path.dirname(fileURLToPath(import.meta.url)).replaceAll("\\", "/");

/** What tslab calls the module that it compiles a cell to. */
const CELL_MODULE = "__tslab__.js";

export class Compiler {
  /** Set before each execution: the cell that the next `convert` compiles. */
  current: number = 0;
  readonly cells: Map<number, CompiledCell> = new Map();
  /** Called before and after each compilation. */
  readonly #around: { begin(): void; end(id: number): void };
  readonly #sideFiles: SideFiles = new SideFiles();
  /** From a script to its source maps, for the compilation that goes on. */
  readonly #maps: Map<string, { toModule: string; module: string; prologue: number }> = new Map();
  /** What the compilation that goes on has found out: the cell as a module, and whether it awaits. */
  #cellModule: string | undefined;
  #topLevelAwait = false;
  #declaredNames: ReadonlySet<string> = new Set();
  #programs: CellPrograms | undefined;
  #afterFailure: { before: string; declared: string } | undefined;

  /** `around.end` may throw, to keep a cell that was interrupted meanwhile from running. */
  constructor(around: { begin(): void; end(id: number): void }) {
    this.#around = around;
  }

  /** The functions of the compiler that tslab is to see instead of TypeScript's own. */
  adapt(ts: typeof TS): Partial<typeof TS> {
    const cwd = ts.sys.getCurrentDirectory().replaceAll("\\", "/");
    const options = {
      globals: { fileName: path.posix.join(cwd, "__globals__.d.ts"), text: INPUT_DECLARATION },
      fallbackFolder: OWN_FOLDER,
      onEmit: (fileName: string, text: string) => {
        if (path.posix.basename(fileName) === CELL_MODULE) this.#cellModule = text;
      },
    };
    return {
      createWatchProgram: ((host: WatchHost) => {
        Object.assign(host.options, {
          inlineSourceMap: true,
          // Without this every package in node_modules/@types puts its globals into the cells.
          types: ["node"],
          typeRoots: nodeTypeRoots(host.options.typeRoots ?? []),
        });
        const programs = new CellPrograms(ts, host, options);
        // The first converter is the one for cells; another one may follow for `@browser`.
        this.#programs ??= programs;
        return programs.watch;
      }) as unknown as typeof ts.createWatchProgram,
      sys: { ...ts.sys, watchFile: (fileName, callback) => this.#sideFiles.watch(fileName, callback) },
      transpileModule: (input, options) => this.#transpile(ts, input, options),
    };
  }

  /** tslab's converter, with our additions to what it is given and what it returns. */
  wrap(ts: typeof TS, converter: Converter): Converter {
    return {
      ...converter,
      convert: (before, source) => this.#convert(ts, converter, before, source),
      inspect: (before, source, position) => converter.inspect(this.#declared(before), source, position),
      complete: (before, source, position) => converter.complete(this.#declared(before), source, position),
    };
  }

  /** What can be read ahead of its first use, in small steps: the types of a package, then documentation. */
  *readAhead(packageName: string): Generator<void> {
    if (!this.#programs) return;
    yield* this.#programs.preload(packageName);
    yield* this.#programs.readDocs();
  }

  /** To be called when a cell has run. `values` are the variables of all cells. */
  cellEnded(ts: typeof TS, id: number, ok: boolean, values: Record<string, unknown>): void {
    const cell = this.cells.get(id);
    if (ok) this.#afterFailure = undefined;
    else if (cell?.after !== undefined) {
      this.#afterFailure = { before: cell.before, declared: survivors(ts, cell.after, values) };
    }
  }

  /** What is declared, given what tslab believes to be, which knows nothing of cells that failed. */
  #declared(before: string): string {
    return this.#afterFailure?.before === before ? this.#afterFailure.declared : before;
  }

  #convert(ts: typeof TS, converter: Converter, before: string, source: string): ConvertResult {
    const id = this.current;
    this.#around.begin();
    try {
      this.#maps.clear();
      this.#topLevelAwait = false;
      this.#cellModule = undefined;
      this.#sideFiles.check();
      const declared = this.#declared(before);
      const result = converter.convert(declared, withoutExport(ts, source));
      if (result.declOutput !== undefined) {
        result.declOutput += forgotten(ts, declared, result.declOutput, this.#declaredNames);
      }
      // tslab overlooks `for await`.
      if (this.#topLevelAwait) result.hasToplevelAwait = true;
      const maps = result.output === undefined ? undefined : this.#maps.get(result.output);
      this.cells.set(id, {
        source,
        diagnostics: result.diagnostics,
        lastExpression: result.lastExpressionVar,
        map:
          maps && new CellMap({ ...maps, script: result.output!, async: result.hasToplevelAwait === true }),
        before,
        after: result.declOutput,
      });
      if (result.output) result.output += `\n//# sourceURL=${scriptName(id)}`;
      return result;
    } finally {
      this.#around.end(id);
    }
  }

  /** Second step of tslab's compilation, from an ES module to what `vm` runs. */
  #transpile(ts: typeof TS, input: string, options: TS.TranspileOptions): TS.TranspileOutput {
    const awaits = interruptibleAwaits(ts, () => {
      this.#topLevelAwait = true;
    });
    const variables = input === this.#cellModule ? liveVariables(ts) : undefined;
    const output = ts.transpileModule(input.replace(INLINE_MAP, "\n"), {
      ...options,
      compilerOptions: { ...options.compilerOptions, sourceMap: true },
      transformers: { before: variables ? [variables.transformer, awaits] : [awaits] },
    });
    const prologue = variables?.prologue() ?? "";
    if (variables) this.#declaredNames = variables.names;
    const outputText = prologue + output.outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, "");
    this.#maps.set(outputText, { toModule: output.sourceMapText!, module: input, prologue: prologue.length });
    return { ...output, outputText };
  }
}
