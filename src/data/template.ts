import { ArgumentError } from "../errors.ts";
import { type Arc, type SourceDefinition, StringSource } from "./source.ts";

/** One way to fill a slot of a sentence. */
export interface Filling {
  /** Symbols of the filling, at least one. */
  readonly symbols: readonly string[];
  /** Its weight among the fillings of the slot; they are divided by their sum. Default 1. */
  readonly weight?: number;
  /** What the sentence remembers from here on, for slots that agree with an earlier one. Default: what it did. */
  readonly remember?: string;
}

/** A slot: its fillings, which may depend on what is remembered; none leaves the slot out. */
export type Slot = (memory: string) => readonly Filling[];

/** Fillings of equal weight from phrases of words with spaces between. */
export function phrases(...choices: readonly string[]): Filling[] {
  return choices.map((words) => ({ symbols: words.split(" ") }));
}

/** Sentences of slots, each filled by what the ones before allow. */
export interface Template extends Pick<SourceDefinition, "name" | "about"> {
  readonly slots: readonly Slot[];
  /** What is left of the memory for someone who forgets, by name. */
  readonly forgetting?: Readonly<Record<string, (memory: string) => string>>;
}

const BAR = "\u0001";

/**
 * A source of sentences: slots one after the other, each filled at random. Fillings of one slot may begin alike; the
 * automaton follows them together until they differ. No filling of a slot may begin with all of another one.
 */
export function templateSource({ name, about, slots, forgetting = {} }: Template): StringSource {
  const pack = (slot: number, memory: string, read: readonly string[]) => [slot, memory, ...read].join(BAR);
  /** The beginning of the next slot that is not left out, null after the last. */
  const enter = (slot: number, memory: string): string | null => {
    while (slot < slots.length && slots[slot](memory).length === 0) slot++;
    return slot < slots.length ? pack(slot, memory, []) : null;
  };
  const arcs = (state: string): Arc[] => {
    const [slotText, memory, ...read] = state.split(BAR);
    const slot = Number(slotText);
    const open = slots[slot](memory).filter(({ symbols }) =>
      read.every((symbol, i) => symbols[i] === symbol),
    );
    const total = open.reduce((sum, { weight = 1 }) => sum + weight, 0);
    const next = new Map<string, { weight: number; to: string | null; complete: boolean }>();
    for (const { symbols, weight = 1, remember = memory } of open) {
      const symbol = symbols[read.length];
      const complete = symbols.length === read.length + 1;
      const before = next.get(symbol);
      if (symbol === undefined || (before && (complete || before.complete))) {
        throw new ArgumentError(
          `${name}, slot ${slot}: "${symbols.join(" ")}" and another filling begin alike`,
        );
      }
      next.set(symbol, {
        weight: (before?.weight ?? 0) + weight,
        to: complete ? enter(slot + 1, remember) : pack(slot, memory, [...read, symbol]),
        complete,
      });
    }
    return [...next].map(([symbol, { weight, to }]) => ({ symbol, p: weight / total, to }));
  };
  const known = ([slot, memory, ...read]: string[], what: (memory: string) => string) =>
    [slot, what(memory), ...read].join(BAR);
  return new StringSource({
    name,
    about,
    symbols: [...symbolsOf(slots)].sort(),
    start: enter(0, "") ?? "",
    arcs,
    forgetting: Object.fromEntries(
      Object.entries(forgetting).map(([what, left]) => [what, (state) => known(state.split(BAR), left)]),
    ),
  });
}

/** All symbols, whatever is remembered. */
function symbolsOf(slots: readonly Slot[]): Set<string> {
  const symbols = new Set<string>();
  let memories = new Set([""]);
  for (const slot of slots) {
    const after = new Set<string>();
    for (const memory of memories) {
      if (slot(memory).length === 0) after.add(memory);
      for (const filling of slot(memory)) {
        for (const symbol of filling.symbols) symbols.add(symbol);
        after.add(filling.remember ?? memory);
      }
    }
    memories = after;
  }
  return symbols;
}
