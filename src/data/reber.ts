import { StringSource } from "./source.ts";

/** Reber's automaton after "B": node → [symbol, next node]. Both ways from a node have probability ½. */
const NODES: readonly (readonly (readonly [symbol: string, to: number])[])[] = [
  [
    ["T", 1],
    ["P", 2],
  ],
  [
    ["S", 1],
    ["X", 3],
  ],
  [
    ["T", 2],
    ["V", 4],
  ],
  [
    ["X", 2],
    ["S", 5],
  ],
  [
    ["P", 3],
    ["V", 5],
  ],
];
const LAST = NODES.length;
const SYMBOLS = ["B", "E", "P", "S", "T", "V", "X"];

/**
 * Reber's grammar (Reber 1967; as in Cleeremans, Servan-Schreiber & McClelland 1989): B, then a walk through six nodes,
 * then E. B is given.
 */
export function reber(): StringSource {
  return new StringSource({
    name: "Reber",
    about: "strings of Reber's grammar, B given and E predicted",
    symbols: SYMBOLS,
    given: "B",
    start: "0",
    arcs: (state) =>
      Number(state) === LAST
        ? [{ symbol: "E", p: 1, to: null }]
        : NODES[Number(state)].map(([symbol, to]) => ({ symbol, p: 1 / 2, to: String(to) })),
  });
}

/**
 * Embedded Reber grammar (Hochreiter & Schmidhuber 1997): B o [B … E] o E, where the letter o is T or P, the same
 * before and after the inner Reber string. Who forgets it pays ln 2 once in a string.
 */
export function embeddedReber(): StringSource {
  const arc = (symbol: string, to: string | null, p = 1) => ({ symbol, p, to });
  return new StringSource({
    name: "embedded Reber",
    about: "a Reber string between two equal letters, the first B given",
    symbols: SYMBOLS,
    given: "B",
    start: "outer",
    forgetting: { "outer letter forgotten": (state) => state.replace(/^[TP] /, "") },
    arcs: (state) => {
      if (state === "outer") return [arc("T", "T begin", 1 / 2), arc("P", "P begin", 1 / 2)];
      if (state === "end") return [arc("E", null)];
      const [outer, inner] = state.split(" ");
      if (inner === "begin") return [arc("B", `${outer} 0`)];
      if (inner === "close") return [arc(outer, "end")];
      if (Number(inner) === LAST) return [arc("E", `${outer} close`)];
      return NODES[Number(inner)].map(([symbol, to]) => arc(symbol, `${outer} ${to}`, 1 / 2));
    },
  });
}
