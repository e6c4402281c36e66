/**
 * What the code of cells calls, as the compiler wrote it into them.
 *
 * Every `await` of a cell becomes `__cell__.check(await __cell__.resume(x))` (see compiler.ts). `check` ends code of
 * an interrupted cell by an ordinary exception, so that its `finally` blocks run and no loop goes on in the
 * background; `resume` lets code that waited for a timer or a file come back inside the guard, so that a busy loop
 * after an `await` can be ended like any other.
 */
import { UnrolledError } from "../../../errors.ts";
import type { SharedVariables } from "../compile/live-variables.ts";
import type { SharedState } from "../wire/shared-state.ts";
import { cells, isStopped } from "./cell.ts";
import type { Guard } from "./guard.ts";

/** What an interrupted cell sees; the name is the one that Jupyter's front ends know. */
export class KeyboardInterrupt extends UnrolledError {
  constructor(message = "the cell was interrupted") {
    super(message);
  }
}

/** So many exceptions code of an interrupted cell may catch; ordinary `finally` blocks need a few. */
const MAX_REFUSALS = 100;

/** The name of the global object; the compiler writes calls of its methods into the cells. */
export const HOOKS_NAME = "__cell__";

export interface CellHooks {
  resume(value: unknown): unknown;
  check(value: unknown): unknown;
  each(iterable: AsyncIterable<unknown> | Iterable<unknown>): AsyncIterable<unknown>;
  declare: SharedVariables["declare"];
}

export function installCellHooks(state: SharedState, guard: Guard, variables: SharedVariables): void {
  const check = <T>(value: T): T => {
    const cell = cells.getStore();
    if (!cell || !isStopped(cell, state)) return value;
    // A caller that looks at the flag itself (see `hold` in interrupt.ts) is to find its callbacks working.
    if (!cell.stopped && state.get("running") === cell.id && state.get("holds") > 0) return value;
    if (cell.stopped) cell.refusals++;
    throw new KeyboardInterrupt();
  };
  const reenter = <T>(settle: () => T): T | Promise<T> => {
    if (guard.active) return settle();
    return new Promise<T>((resolve, reject) => {
      setImmediate(() =>
        guard.run(() => {
          try {
            resolve(settle());
          } catch (error) {
            reject(error);
          }
        }),
      );
    });
  };
  const resume = (value: unknown): unknown => {
    // A loop that catches whatever stops it goes to sleep for ever at its next await.
    if ((cells.getStore()?.refusals ?? 0) > MAX_REFUSALS) return new Promise(() => {});
    if (typeof (value as PromiseLike<unknown> | null | undefined)?.then !== "function") return value;
    return Promise.resolve(value).then(
      (result) => reenter(() => result),
      (error) =>
        reenter(() => {
          throw error;
        }),
    );
  };
  const hooks: CellHooks = {
    resume,
    check,
    declare: variables.declare.bind(variables),
    async *each(iterable) {
      for await (const item of iterable) yield check(await resume(item));
    },
  };
  Object.defineProperty(globalThis, HOOKS_NAME, { value: Object.freeze(hooks), configurable: true });
}
