/** The kinds of model that keep their colour through the whole course. */
export type Family = "ngram" | "window" | "rnn" | "lstm" | "gru";

/**
 * One colour for each family of models, and grey for what is not a model. Each has a contrast of at least 3 : 1 with
 * white and with #111, because a picture is transparent and its reader's page light or dark; any two differ by at
 * least 0.09 in OKLab for normal sight and for full protanopia, deuteranopia and tritanopia (simulated after
 * Machado, Oliveira & Fernandes, 2009). The tests measure both.
 */
export const palette: Readonly<Record<Family | "neutral", string>> = {
  ngram: "#d97e1e",
  window: "#00750d",
  rnn: "#de0037",
  lstm: "#116eff",
  gru: "#ab45c6",
  neutral: "#7a7a7a",
};

/** The order in which unnamed series take the colours. */
export const sequence: readonly string[] = [
  palette.lstm,
  palette.rnn,
  palette.window,
  palette.ngram,
  palette.gru,
  palette.neutral,
];

/** Line styles and markers that tell series of one colour apart, also in print and without colour. */
export const dashes: readonly string[] = ["solid", "dash", "dot", "dashdot", "longdash"];
export const symbols: readonly string[] = ["circle", "square", "diamond", "triangle-up", "x"];

const FAMILIES: readonly (readonly [Family, RegExp])[] = [
  ["lstm", /lstm/i],
  ["gru", /gru/i],
  ["rnn", /rnn|elman|recurrent/i],
  ["window", /window|bengio|feed.?forward|\bmlp\b/i],
  ["ngram", /\b(\d|n|uni|bi|tri|four|five)[ -]?grams?\b|kneser|katz|back.?off|\b(m?kn|add)\b/i],
];

/** The family that a name speaks of ("LSTM, 2 layers" → lstm), undefined if none. */
export function familyOf(name: string): Family | undefined {
  return FAMILIES.find(([, pattern]) => pattern.test(name))?.[0];
}

export interface SeriesStyle {
  color: string;
  dash: string;
  symbol: string;
}

/**
 * A style for each name. Names of different families take the colours of their families, further ones of a family
 * another dash; where one family (or none) is compared with itself, each name takes the next colour instead.
 */
export function stylesFor(
  names: readonly string[],
  colors: Readonly<Record<string, string>> = {},
): SeriesStyle[] {
  const families = names.map(familyOf);
  const compared = new Set(families.filter((family) => family !== undefined));
  const byFamily = compared.size > 1 || names.length === 1;
  const free = sequence.filter((color) => !byFamily || !families.some((f) => f && palette[f] === color));
  const used = new Map<string, number>();
  let next = 0;
  return names.map((name, i) => {
    const family = byFamily ? families[i] : undefined;
    const color =
      (Object.hasOwn(colors, name) ? colors[name] : undefined) ??
      (family
        ? palette[family]
        : (free.length > 0 ? free : sequence)[next++ % (free.length || sequence.length)]);
    const rank = used.get(color) ?? 0;
    used.set(color, rank + 1);
    return { color, dash: dashes[rank % dashes.length], symbol: symbols[i % symbols.length] };
  });
}

/** `#116eff` and 0.25 → `rgba(17,110,255,0.25)`. Other notations of colours are returned as they are. */
export function translucent(color: string, alpha: number): string {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!match) return color;
  return `rgba(${match
    .slice(1)
    .map((h) => Number.parseInt(h, 16))
    .join(",")},${alpha})`;
}

/** Plotly's name for viridis (van der Walt & Smith, 2015): even in lightness, safe for colour-blind readers. */
export const sequential = "Viridis";

/** From below nought through it and above: blue, white, brown. */
export const diverging: readonly (readonly [number, string])[] = [
  [0, "#0b3c8c"],
  [0.25, "#5a90d6"],
  [0.5, "#f7f7f7"],
  [0.75, "#e08a4f"],
  [1, "#8c2d04"],
];
