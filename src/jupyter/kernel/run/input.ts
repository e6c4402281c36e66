/** `input("name? ")` in a cell: asks the front end for a line of text. */
import { UnrolledError } from "../../../errors.ts";
import type { Request, Sendable } from "../wire/thread-messages.ts";
import { cells } from "./cell.ts";

/** The front end offers no way to ask the user (nbconvert, `unrolled run`, …). */
export class InputUnavailableError extends UnrolledError {}

/** Known to the compiler in every cell. */
export const INPUT_DECLARATION: string = `/**
 * Asks for a line of text and waits for it.
 * @param prompt - what stands before the field
 * @param options - \`password\`: do not show what is typed
 */
declare function input(prompt?: string, options?: { password?: boolean }): Promise<string>;
`;

export class Input {
  readonly #post: (message: Sendable) => void;
  #waiting: ((text: string) => void)[] = [];

  constructor(post: (message: Sendable) => void) {
    this.#post = post;
  }

  install(): void {
    const input = (prompt = "", options: { password?: boolean } = {}): Promise<string> =>
      this.#ask(prompt, options);
    Object.defineProperty(globalThis, "input", { value: input, configurable: true, writable: true });
  }

  /** The front end's `input_reply`. */
  answer(reply: Request): void {
    const text = String(reply.content["value"] ?? "");
    this.#waiting.shift()?.(text);
  }

  /** Forgets questions that nobody waits for any more, because their cell has ended. */
  reset(): void {
    this.#waiting = [];
  }

  async #ask(prompt: string, { password = false }: { password?: boolean }): Promise<string> {
    const cell = cells.getStore();
    if (!cell?.allowStdin) {
      throw new InputUnavailableError(
        "input: this front end cannot ask for input (allow_stdin is false); run the notebook in JupyterLab or give the value in the cell",
      );
    }
    if (cell.ended)
      throw new InputUnavailableError("input: the cell that asks has ended; await the answer in the cell");
    const to = { channel: "stdin" as const, identities: cell.identities, header: cell.header };
    this.#post({ kind: "reply", to, type: "input_request", content: { prompt: String(prompt), password } });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
