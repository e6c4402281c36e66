/**
 * How values show themselves in a notebook. An object with a method under `Symbol.for("Jupyter.display")` (the
 * convention of Deno's kernel) is shown by what it returns: a MIME bundle, the same content in several formats, of
 * which a front end takes the richest it knows. Everywhere else Node prints an object by the method under
 * `Symbol.for("nodejs.util.inspect.custom")`.
 */

/** MIME type → content: text for `text/*` and `image/svg+xml`, base64 for other images, an object for `…+json`. */
export type MimeBundle = Record<string, unknown>;

export const DISPLAY: unique symbol = Symbol.for("Jupyter.display");
export const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/**
 * Gives every instance of a class both methods. They are attached here because `isolatedDeclarations` refuses
 * methods with a symbol for a name inside a class.
 *
 * @param view the MIME bundle of a value. It should hold "text/plain"; text from data must be escaped in "text/html".
 * @param text the printed form, where making the whole bundle for it would be wasteful; else the bundle's "text/plain".
 * @example showAs(Tensor, (x) => ({ "text/plain": format(x), "text/html": table(x) }));
 */
export function showAs<T extends object>(
  Class: { readonly prototype: T; readonly name: string },
  view: (value: T) => MimeBundle | Promise<MimeBundle>,
  text?: (value: T) => string,
): void {
  const { prototype, name } = Class;
  const plain = text ?? ((value: T) => (view(value) as MimeBundle)["text/plain"]);
  const attach = (symbol: symbol, method: (this: T) => unknown) =>
    Object.defineProperty(prototype, symbol, { value: method, configurable: true, writable: true });

  attach(DISPLAY, function () {
    return view(this);
  });
  attach(INSPECT, function () {
    const line = plain(this);
    return typeof line === "string" ? line : `[${this.constructor?.name ?? name}]`;
  });
}

/** The MIME bundle of a value that shows itself, undefined of any other. */
export function bundleOf(value: unknown): MimeBundle | Promise<MimeBundle> | undefined {
  const method = (value as { [DISPLAY]?: unknown } | null | undefined)?.[DISPLAY];
  return typeof method === "function" ? (method.call(value) as MimeBundle | Promise<MimeBundle>) : undefined;
}
