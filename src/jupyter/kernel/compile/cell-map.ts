/** From a position in the script that `vm` ran back to the cell that the user wrote. */
import { SourceMap } from "node:module";

/** Both from 0. */
export interface Position {
  line: number;
  column: number;
}

/** What tslab's executor writes before a script, on its first line. */
const WRAPPER = "(function(exports, require) { ";
const ASYNC_WRAPPER = "(async function(exports, require) { ";
/** The source map that the compiler writes at the end of a module. */
export const INLINE_MAP: RegExp = /\n\/\/# sourceMappingURL=data:application\/json;base64,([\w+/=]+)\s*$/;

export class CellMap {
  readonly #parts: { toModule: string; module: string };
  readonly #shift: number;
  readonly #lines: number;
  #maps: SourceMap[] | undefined;

  /**
   * @param parts.script what ran, without the wrapper
   * @param parts.toModule the source map from the script to the module it was made of
   * @param parts.prologue length of the code before it on its first line
   * @param parts.module that module, with its own source map at the end
   */
  constructor(parts: {
    script: string;
    toModule: string;
    module: string;
    prologue: number;
    async: boolean;
  }) {
    this.#parts = { toModule: parts.toModule, module: parts.module };
    this.#shift = (parts.async ? ASYNC_WRAPPER : WRAPPER).length + parts.prologue;
    this.#lines = parts.script.trimEnd().split("\n").length;
  }

  /** Undefined for code that the compiler or the executor added. */
  original(line: number, column: number): Position | undefined {
    if (line >= this.#lines) return undefined;
    this.#maps ??= this.#load();
    let position: Position | undefined = { line, column: line === 0 ? column - this.#shift : column };
    for (const map of this.#maps) position &&= lookUp(map, position);
    // tslab's converter puts one line, `export {};`, before the cell.
    return position && position.line >= 1 ? { line: position.line - 1, column: position.column } : undefined;
  }

  /** Only errors need the maps, so they are not read before there is one. */
  #load(): SourceMap[] {
    const inline = INLINE_MAP.exec(this.#parts.module);
    const texts = [this.#parts.toModule, inline && Buffer.from(inline[1], "base64").toString()];
    return texts.filter((text) => text !== null).map((text) => new SourceMap(JSON.parse(text)));
  }
}

function lookUp(map: SourceMap, at: Position): Position | undefined {
  const entry = map.findEntry(at.line, at.column);
  return "originalLine" in entry ? { line: entry.originalLine, column: entry.originalColumn } : undefined;
}
