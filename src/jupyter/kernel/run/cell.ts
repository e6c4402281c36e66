/** One execution of a cell, and how code that it started finds its way back to it. */
import { AsyncLocalStorage } from "node:async_hooks";
import { BACKGROUND } from "../wire/escalation.ts";
import type { SharedState } from "../wire/shared-state.ts";
import type { Header } from "../wire/wire.ts";

export interface Cell {
  /** Counts executions from 1; unlike the execution count it never repeats. */
  readonly id: number;
  /** The number in `In [n]`. */
  readonly count: number;
  readonly source: string;
  readonly header: Header;
  readonly identities: Uint8Array[];
  readonly silent: boolean;
  readonly allowStdin: boolean;
  /** Set when the cell was given up: what it left running is to end at its next `await`. */
  stopped: boolean;
  /** How often its code was stopped by an exception since then. */
  refusals: number;
  /** Set when the user was told that it prints although it was given up. */
  noticed: boolean;
  /** Set when its reply is on the way; background tasks may still print. */
  ended: boolean;
  /** Displays whose MIME bundle is still being made; the cell ends after them. */
  pending: Promise<void> | undefined;
}

/** The cell that the running code belongs to, across timers, promises and callbacks. */
export const cells: AsyncLocalStorage<Cell> = new AsyncLocalStorage();

/** Whether what belongs to the cell is to stop: the cell was given up, or somebody asked. */
export function isStopped(cell: Cell, state: SharedState): boolean {
  if (cell.stopped) return true;
  const requested = state.get("requested");
  return requested === cell.id || (requested === BACKGROUND && cell.ended);
}
