/**
 * Showing values from within a cell. Works wherever the library works: in a notebook on this project's kernel the
 * value appears as rich output, anywhere else its text is printed.
 */

/** What a kernel puts under `globalThis[Symbol.for("unrolled.display")]`. */
export interface DisplayHook {
  show(value: unknown, options: { id?: string; update: boolean }): void;
  clear(wait: boolean): void;
}

/** A display that can be shown anew in the place where it stands. */
export interface DisplayHandle {
  readonly id: string;
  /** Replaces what is shown by another value. */
  update(value: unknown): void;
}

const HOOK: unique symbol = Symbol.for("unrolled.display") as never;
const DISPLAY: unique symbol = Symbol.for("Jupyter.display") as never;

/**
 * Shows a value below the running cell, as rich as it can: objects with a method under `Symbol.for("Jupyter.display")`
 * show the MIME bundle that it returns (or a promise of it), data frames a table, everything else its text.
 *
 * @example
 * display(history);
 * const bar = display(progress(0), { id: "progress" });
 * bar.update(progress(0.5));
 */
export function display(value: unknown): void;
export function display(value: unknown, options: { id: string }): DisplayHandle;
export function display(value: unknown, options?: { id?: string }): DisplayHandle | undefined;
export function display(value: unknown, options: { id?: string } = {}): DisplayHandle | undefined {
  const { id } = options;
  show(value, { id, update: false });
  if (id === undefined) return undefined;
  const handle = { id, update: (value: unknown) => updateDisplay(id, value) };
  // As the last line of a cell the handle is not a result worth showing.
  return Object.defineProperty(handle, DISPLAY, { value: () => ({}) });
}

/** Replaces what every display with this id shows. */
export function updateDisplay(id: string, value: unknown): void {
  show(value, { id, update: true });
}

/** Removes the output of the running cell; with `wait` only when the next output comes, so that nothing flickers. */
export function clearOutput(options: { wait?: boolean } = {}): void {
  hook()?.clear(options.wait === true);
}

function hook(): DisplayHook | undefined {
  return (globalThis as Record<symbol, unknown>)[HOOK] as DisplayHook | undefined;
}

function show(value: unknown, options: { id?: string; update: boolean }): void {
  const kernel = hook();
  if (kernel) kernel.show(value, options);
  else print(value);
}

/** Outside a kernel: the text that the value has for `console.log`, or the text in its MIME bundle. */
function print(value: unknown): void {
  const known = value as { [key: symbol]: unknown } | null | undefined;
  const method = typeof value === "object" && value !== null ? known?.[DISPLAY] : undefined;
  if (
    typeof method !== "function" ||
    typeof known?.[Symbol.for("nodejs.util.inspect.custom")] === "function"
  ) {
    console.log(value);
    return;
  }
  const printBundle = (bundle: unknown): void => {
    const text = (bundle as Record<string, unknown> | null)?.["text/plain"];
    console.log(typeof text === "string" ? text : value);
  };
  const bundle = method.call(value);
  if (typeof bundle?.then === "function") bundle.then(printBundle, (error: unknown) => console.error(error));
  else printBundle(bundle);
}
