/** The files that cells are checked against, read and parsed once; the cell itself and its like are read when they change. */
import path from "node:path";
import { LibBundle } from "./lib-bundle.ts";
import type { WatchHost } from "./program.ts";
import type { TS } from "./tslab.ts";

/** Parts of the compiler that its public types do not name. */
interface Internals {
  bindSourceFile(file: TS.SourceFile, options: TS.CompilerOptions): void;
  getSetExternalModuleIndicator(options: TS.CompilerOptions): (file: TS.SourceFile) => void;
}

/** TypeScript's and Node's own types. */
const LIBRARY_TYPES = /\/typescript-for-tslab\/lib\/|\/@types\/node\//;
const DOC_COMMENT = /\/\*\*(?!\/)/g;

export class SourceFiles {
  readonly #ts: typeof TS & Internals;
  readonly #host: WatchHost;
  /** Declarations that every cell sees, and the file that they pretend to stand in. */
  readonly #globals: { fileName: string; text: string };
  /** Called when a file beside the notebook is read first, to have it watched. */
  readonly #onOwnFile: (fileName: string) => void;
  readonly #libraries: LibBundle | undefined;
  readonly #files: Map<string, TS.SourceFile> = new Map();
  /** Whether doc comments are read, and the files of which they were not. */
  #docs = false;
  readonly #withoutDocs: Set<string> = new Set();

  constructor(
    ts: typeof TS,
    host: WatchHost,
    options: { globals: { fileName: string; text: string }; onOwnFile: (fileName: string) => void },
  ) {
    this.#ts = ts as typeof TS & Internals;
    this.#host = host;
    this.#globals = options.globals;
    this.#onOwnFile = options.onOwnFile;
    const [library, ...others] = host.options.lib ?? [];
    const folder = host.getDefaultLibLocation?.();
    if (library && others.length === 0 && folder) {
      this.#libraries = new LibBundle(ts, folder, library, (fileName) => host.readFile(fileName));
    }
  }

  /** Undefined when there is no such file. */
  read(fileName: string): TS.SourceFile | undefined {
    const known = this.#files.get(fileName);
    if (known) return known;
    const file = this.#parse(fileName);
    if (!file) return undefined;
    this.#files.set(fileName, file);
    if (this.isOwn(fileName)) this.#onOwnFile(fileName);
    return file;
  }

  /** A file whose own names are known, which does not take a program. */
  bound(fileName: string): TS.SourceFile | undefined {
    const file = this.read(fileName);
    if (file) this.#ts.bindSourceFile(file, this.#host.options);
    return file;
  }

  /** Has a file read again when it is needed next. */
  forget(fileName: string): void {
    this.#files.delete(fileName);
  }

  /** Whether it is a source file outside of packages: a notebook's own, which the user edits beside it. */
  isOwn(fileName: string): boolean {
    const fromNotebook = path.posix.relative(this.#host.getCurrentDirectory(), fileName);
    return (
      !/(^|\/)node_modules\/|\.d\.[cm]?ts$/.test(fromNotebook) && !this.#host.rootFiles.includes(fileName)
    );
  }

  /**
   * Reads the libraries' types again, this time with their doc comments, one file a step; parsing these takes a
   * third of a kernel's start, and nobody asks for documentation in the first second.
   */
  *readDocs(): Generator<void> {
    this.#docs = true;
    const files = new Map<string, TS.SourceFile>();
    for (const fileName of this.#withoutDocs) {
      const file = this.#parse(fileName);
      if (!file) continue;
      this.#ts.bindSourceFile(file, this.#host.options);
      files.set(fileName, file);
      yield;
    }
    for (const [fileName, file] of files) this.#files.set(fileName, file);
    this.#withoutDocs.clear();
  }

  #parse(fileName: string): TS.SourceFile | undefined {
    let text = this.#textOf(fileName);
    if (text === undefined) return undefined;
    if (!this.#docs && LIBRARY_TYPES.test(fileName)) {
      this.#withoutDocs.add(fileName);
      text = text.replace(DOC_COMMENT, "/* ");
    }
    return this.#ts.createSourceFile(fileName, text, {
      languageVersion: this.#host.options.target ?? this.#ts.ScriptTarget.ES2022,
      setExternalModuleIndicator: this.#ts.getSetExternalModuleIndicator(this.#host.options),
    });
  }

  #textOf(fileName: string): string | undefined {
    if (fileName === this.#globals.fileName) return this.#globals.text;
    return this.#libraries?.textOf(fileName) ?? this.#host.readFile(fileName);
  }
}
