/**
 * The program that cells are checked in. It stands in for TypeScript's watch mode, which tslab drives: tslab asks for
 * a new program two or three times a cell, and watch mode builds one each time, with a new type checker, and watches
 * every file of every type library. Here a program is built when somebody looks at more than the cell's own names,
 * files are read once, and only those of the notebook's folder are looked at again.
 */
import path from "node:path";
import { expandShorthands, type Shorthands } from "./shorthand.ts";
import { SourceFiles } from "./source-files.ts";
import type { TS } from "./tslab.ts";

/** What tslab uses of a builder program. */
export interface CellProgram {
  getSourceFile(fileName: string): TS.SourceFile | undefined;
  getProgram(): TS.Program;
  /** The source files that a file imports, directly or not, and itself; no declaration files. */
  getAllDependencies(file: TS.SourceFile): string[];
  emit: TS.Program["emit"];
}

/** What tslab gives to watch mode, as far as it is used here. */
export interface WatchHost extends TS.CompilerHost {
  rootFiles: string[];
  options: TS.CompilerOptions;
  watchFile(fileName: string, callback: () => void): TS.FileWatcher;
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
  afterProgramCreate(program: CellProgram): void;
}

type Bound = TS.SourceFile & {
  resolvedModules?: {
    forEach(visit: (resolution: TS.ResolvedModuleWithFailedLookupLocations) => void): void;
  };
};

export interface ProgramOptions {
  /** Declarations that every cell sees, and the name of the file that they pretend to stand in. */
  globals: { fileName: string; text: string };
  /** Where a package is looked for that the notebook's folder does not have. */
  fallbackFolder: string;
  /** Told of every file that the compiler writes. */
  onEmit: (fileName: string, text: string) => void;
}

export class CellPrograms {
  readonly #ts: typeof TS;
  readonly #host: WatchHost;
  readonly #options: ProgramOptions;
  readonly #compilerHost: TS.CompilerHost;
  readonly #files: SourceFiles;
  readonly #resolutions: Map<string, TS.ResolvedModuleWithFailedLookupLocations> = new Map();
  readonly #shorthands: Shorthands;
  #roots: string[];
  #program: TS.Program | undefined;
  #timer: unknown;

  constructor(ts: typeof TS, host: WatchHost, options: ProgramOptions) {
    this.#ts = ts;
    this.#host = host;
    this.#options = options;
    this.#shorthands = expandShorthands(ts);
    this.#roots = [...host.rootFiles, options.globals.fileName];
    const { globals } = options;
    this.#files = new SourceFiles(ts, host, { globals, onOwnFile: (fileName) => this.#watch(fileName) });
    this.#compilerHost = this.#createCompilerHost();
    for (const root of host.rootFiles) this.#watch(root);
    this.#renew();
  }

  /** The two functions of watch mode that tslab calls. */
  get watch(): Pick<TS.WatchOfFilesAndCompilerOptions<TS.BuilderProgram>, "close" | "updateRootFileNames"> {
    return {
      close: () => {},
      updateRootFileNames: (roots) => {
        this.#roots = [...roots, this.#options.globals.fileName];
        this.#schedule();
      },
    };
  }

  /**
   * Reads the types of a package, one file a step, so that the first cell that imports it need not; for moments in
   * which nobody waits.
   */
  *preload(packageName: string): Generator<void> {
    const waiting = [this.#resolve(packageName, this.#host.rootFiles[0]).resolvedModule?.resolvedFileName];
    for (const fileName of waiting) {
      const file = fileName === undefined ? undefined : this.#files.bound(fileName);
      if (!file) continue;
      yield;
      for (const statement of file.statements) {
        const specifier = (statement as { moduleSpecifier?: TS.Expression }).moduleSpecifier;
        if (!specifier || !this.#ts.isStringLiteral(specifier)) continue;
        const found = this.#resolve(specifier.text, file.fileName).resolvedModule?.resolvedFileName;
        if (found !== undefined && !waiting.includes(found)) waiting.push(found);
      }
    }
  }

  /** As {@link SourceFiles.readDocs}. */
  readDocs(): Generator<void> {
    return this.#files.readDocs();
  }

  #watch(fileName: string): void {
    this.#host.watchFile(fileName, () => {
      this.#files.forget(fileName);
      this.#schedule();
    });
  }

  /** As watch mode does: changes that come together lead to one new program. */
  #schedule(): void {
    if (this.#timer !== undefined) this.#host.clearTimeout(this.#timer);
    this.#timer = this.#host.setTimeout(() => this.#renew(), 0);
  }

  #renew(): void {
    this.#timer = undefined;
    this.#host.afterProgramCreate(this.#lazyProgram());
  }

  #lazyProgram(): CellProgram {
    let program: TS.Program | undefined;
    const getProgram = (): TS.Program => {
      program ??= this.#build();
      return program;
    };
    return {
      getProgram,
      // The names that a cell declares follow from the file alone, once it is bound.
      getSourceFile: (fileName) => (program ? program.getSourceFile(fileName) : this.#files.bound(fileName)),
      getAllDependencies: (file) => sourceDependencies(getProgram(), file),
      emit: (file, writeFile, token, onlyDeclarations, transformers) => {
        const program = getProgram();
        this.#shorthands.teach(program.getTypeChecker());
        const before = [this.#shorthands.transformer, ...(transformers?.before ?? [])];
        const write: TS.WriteFileCallback = (fileName, text, ...rest) => {
          this.#options.onEmit(fileName, text);
          writeFile?.(fileName, text, ...rest);
        };
        return program.emit(file, write, token, onlyDeclarations, { ...transformers, before });
      },
    };
  }

  #build(): TS.Program {
    this.#program = this.#ts.createProgram({
      rootNames: this.#roots,
      options: this.#host.options,
      host: this.#compilerHost,
      oldProgram: this.#program,
    });
    return this.#program;
  }

  /**
   * What a package imports stays what it was; the compiler by itself would look again, at every new import of a cell,
   * for all that the types of Node import. For the notebook's own files a package may have been installed since.
   *
   * What a cell declares is written down with its types, and these with the package that they come from. For a package
   * that is not above the notebook the compiler knows no name (TS2742), so its file is given the one that found it.
   */
  #resolve(name: string, file: string): TS.ResolvedModuleWithFailedLookupLocations {
    const own = this.#host.rootFiles.includes(file) || this.#files.isOwn(file);
    const key = own ? undefined : `${path.posix.dirname(file)}\0${name}`;
    const known = key === undefined ? undefined : this.#resolutions.get(key);
    if (known) return known;
    const { options } = this.#host;
    let found = this.#ts.resolveModuleName(name, file, options, this.#compilerHost);
    if (!found.resolvedModule && !this.#ts.isExternalModuleNameRelative(name)) {
      const fallback = path.posix.join(this.#options.fallbackFolder, "index.ts");
      found = this.#ts.resolveModuleName(name, fallback, options, this.#compilerHost);
      const entry = found.resolvedModule && this.#files.read(found.resolvedModule.resolvedFileName);
      if (entry) entry.moduleName = name;
    }
    if (key !== undefined) this.#resolutions.set(key, found);
    return found;
  }

  #createCompilerHost(): TS.CompilerHost {
    const host = this.#host;
    return {
      getSourceFile: (fileName) => this.#files.read(fileName),
      resolveModuleNameLiterals: (literals, file) => literals.map(({ text }) => this.#resolve(text, file)),
      getDefaultLibFileName: (options) => host.getDefaultLibFileName(options),
      getDefaultLibLocation: host.getDefaultLibLocation,
      writeFile: host.writeFile,
      getCurrentDirectory: () => host.getCurrentDirectory(),
      useCaseSensitiveFileNames: () => host.useCaseSensitiveFileNames(),
      getCanonicalFileName: (fileName) => fileName,
      getNewLine: () => "\n",
      fileExists: (fileName) => fileName === this.#options.globals.fileName || host.fileExists(fileName),
      readFile: (fileName) => host.readFile(fileName),
      directoryExists: host.directoryExists,
      getDirectories: host.getDirectories,
      readDirectory: host.readDirectory,
      realpath: host.realpath,
    };
  }
}

function sourceDependencies(program: TS.Program, file: TS.SourceFile): string[] {
  const found = new Set<string>();
  const visit = (fileName: string): void => {
    const source = program.getSourceFile(fileName) as Bound | undefined;
    if (!source || source.isDeclarationFile || found.has(source.fileName)) return;
    found.add(source.fileName);
    source.resolvedModules?.forEach(({ resolvedModule }) => {
      if (resolvedModule) visit(resolvedModule.resolvedFileName);
    });
    for (const { fileName } of source.referencedFiles)
      visit(path.posix.join(path.posix.dirname(source.fileName), fileName));
  };
  visit(file.fileName);
  return [...found];
}
