/**
 * TypeScript's own library types as one file. They come in some sixty files, and for each of them the compiler asks
 * the file system, at every new import of a cell, whether a package replaces it.
 */
import path from "node:path";
import type { TS } from "./tslab.ts";

const REFERENCE = /^\/\/\/\s*<reference\s+lib="([\w.]+)"\s*\/>.*$/gm;
const NO_DEFAULT_LIB = /^\/\/\/\s*<reference\s+no-default-lib="true"\s*\/>.*$/gm;

export class LibBundle {
  readonly #folder: string;
  readonly #entry: string;
  readonly #members: Set<string>;
  readonly #readFile: (fileName: string) => string | undefined;

  /** @param entry name of the file that refers to all others, such as `lib.es2022.d.ts` */
  constructor(
    ts: typeof TS,
    folder: string,
    entry: string,
    readFile: (fileName: string) => string | undefined,
  ) {
    this.#folder = folder;
    this.#entry = entry;
    this.#readFile = readFile;
    this.#members = this.#collect(ts);
  }

  /** What the compiler is to read instead of a file: the bundle, nothing for a file in it, undefined for others. */
  textOf(fileName: string): string | undefined {
    if (path.posix.dirname(fileName) !== this.#folder) return undefined;
    const name = path.posix.basename(fileName);
    if (name === this.#entry) return this.#text();
    return this.#members.has(name) ? "" : undefined;
  }

  #text(): string {
    const texts = [...this.#members].map((name) =>
      this.#read(name).replace(REFERENCE, "").replace(NO_DEFAULT_LIB, ""),
    );
    return `/// <reference no-default-lib="true"/>\n${texts.join("\n")}`;
  }

  /** In the compiler's order, which decides the order of overloads. */
  #collect(ts: typeof TS): Set<string> {
    const names: string[] = [];
    const visit = (name: string): void => {
      if (names.includes(name)) return;
      names.push(name);
      for (const [, lib] of this.#read(name).matchAll(REFERENCE)) visit(`lib.${lib}.d.ts`);
    };
    visit(this.#entry);
    const order = (ts as unknown as { libs: string[] }).libs.map((lib) => `lib.${lib}.d.ts`);
    return new Set(names.sort((a, b) => order.indexOf(a) - order.indexOf(b)));
  }

  #read(name: string): string {
    return this.#readFile(path.posix.join(this.#folder, name)) ?? "";
  }
}
