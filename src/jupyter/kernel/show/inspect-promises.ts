/**
 * Node 20 and 22 follow a cell through its promises (see cell.ts) by putting symbols on every promise, and then
 * `inspect` prints them. This hides them, so that a promise shows as it does everywhere else.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";

export function installPromiseInspection(): void {
  const probe = new AsyncLocalStorage<number>().run(1, () => Promise.resolve());
  if (Object.getOwnPropertySymbols(probe).length === 0) return;
  Object.defineProperty(Promise.prototype, inspect.custom, {
    configurable: true,
    writable: true,
    value(this: unknown, _depth: number, options: object) {
      // The prototype itself is an object like any other.
      if (!(this instanceof Promise)) return this;
      try {
        for (const symbol of Object.getOwnPropertySymbols(this)) {
          if (
            /^(async_id_symbol|trigger_async_id_symbol|kResourceStore|destroyed)$/.test(
              symbol.description ?? "",
            )
          ) {
            Object.defineProperty(this, symbol, { enumerable: false });
          }
        }
        // Without a method of its own the promise is shown by `inspect` itself, with its value in the usual way.
        Object.defineProperty(this, inspect.custom, { value: undefined, configurable: true, writable: true });
      } catch {
        return this; // frozen: shown with its symbols
      }
      return inspect(this, options);
    },
  });
}
