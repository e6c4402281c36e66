const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type EndSignal = keyof typeof EXIT_CODES;

/** Ctrl-C (or a request to end) asks long work to end in order; a second one ends the process at once. */
export class Interruption {
  readonly #controller = new AbortController();
  /** What the shell expects of a process that this signal ended; undefined while there was none. */
  exitCode: number | undefined;

  constructor() {
    for (const signal of Object.keys(EXIT_CODES)) process.on(signal, this.#handle);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  dispose(): void {
    for (const signal of Object.keys(EXIT_CODES)) process.off(signal, this.#handle);
  }

  readonly #handle = (signal: EndSignal): void => {
    const code = EXIT_CODES[signal];
    if (this.exitCode !== undefined) process.exit(code);
    this.exitCode = code;
    this.#controller.abort();
  };
}
