/** Values as front ends show them. */
import { inspect } from "node:util";
import { frameBundle } from "./data-frame.ts";

/** MIME type → content; binary content as base64, JSON types as plain data. */
export type MimeBundle = Record<string, unknown>;

const DISPLAY = Symbol.for("Jupyter.display");

/**
 * The MIME bundle of a value: what its method under `Symbol.for("Jupyter.display")` returns, a table for a danfo
 * data frame, and always `text/plain`.
 * @throws whatever the value's own method throws.
 */
export function render(value: unknown): MimeBundle | Promise<MimeBundle> {
  const method = displayMethod(value);
  if (method) {
    const bundle = method();
    if (typeof (bundle as PromiseLike<unknown> | null)?.then === "function") {
      return Promise.resolve(bundle).then((bundle) => complete(bundle, value));
    }
    return complete(bundle, value);
  }
  return frameBundle(value) ?? { "text/plain": plainText(value) };
}

function plainText(value: unknown): string {
  return inspect(value);
}

function displayMethod(value: unknown): (() => unknown) | undefined {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  const method = (value as Record<symbol, unknown>)[DISPLAY];
  return typeof method === "function" ? () => method.call(value) : undefined;
}

function complete(bundle: unknown, value: unknown): MimeBundle {
  if (typeof bundle !== "object" || bundle === null) {
    throw new TypeError(
      `the method under Symbol.for("Jupyter.display") must return a MIME bundle, got ${typeof bundle}`,
    );
  }
  const entries = Object.entries(bundle).map(([type, content]) => [type, wireContent(content)]);
  if (entries.length === 0) return {};
  const result: MimeBundle = Object.fromEntries(entries);
  result["text/plain"] ??= plainText(value);
  return result;
}

function wireContent(content: unknown): unknown {
  if (content instanceof Uint8Array) {
    return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("base64");
  }
  return content;
}
