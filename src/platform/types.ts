/**
 * What the library asks of the machine it runs on. `#platform` (package.json, `imports`) is `node.ts` in Node and
 * `browser.ts` in a bundle for browsers, so that nothing else in the library names a Node module.
 */

/** A page in which plotly.js can draw: a real one in a browser, jsdom with a measure of text in Node. */
export interface PlotlyPage {
  readonly document: PageDocument;
  readonly plotly: PlotlyLibrary;
  /** JSON parsed inside the page, so that plotly sees objects of its own realm. */
  parse(json: string): unknown;
}

export interface PageDocument {
  createElement(tag: string): PageElement;
  readonly body: PageElement;
}

export interface PageElement {
  appendChild(child: PageElement): unknown;
  remove(): void;
}

/** The few functions of plotly.js that a static picture needs. */
export interface PlotlyLibrary {
  newPlot(div: PageElement, data: unknown, layout: unknown, config: unknown): Promise<unknown>;
  purge(div: PageElement): void;
  readonly Snapshot: { toSVG(div: PageElement, format: string, scale: number): string };
}

export interface Platform {
  /**
   * The page for static pictures, opened once and kept.
   * @throws {MissingPackageError} naming the packages to install.
   */
  plotlyPage(): PlotlyPage;
  /** The source of plotly.js, for pages that need no network. @throws {MissingPackageError} if it is not installed. */
  plotlySource(): string;
  /** Writes a whole file or leaves the old one: never half of it. */
  writeFileAtomic(path: string, content: string | Uint8Array): void;
}
