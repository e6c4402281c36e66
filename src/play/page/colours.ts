/** Colours of the page's theme as numbers, for canvases; they follow the change between light and dark. */
type Rgb = readonly [r: number, g: number, b: number];

export interface Scale {
  /** The colour of a value: −1 … 1 for signed vectors, 0 … 1 for gates and shares. */
  colour(value: number): Rgb;
}

export const css = ([r, g, b]: Rgb): string => `rgb(${r} ${g} ${b})`;

function themed(name: string): Rgb {
  const text = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16)) as unknown as Rgb;
}

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const t = Math.min(1, Math.max(0, share));
  return a.map((from, i) => Math.round(from + (b[i] - from) * t)) as unknown as Rgb;
}

/** From below nought through it and above: the theme's low, zero, high. */
export function signedScale(): Scale {
  const [low, zero, high] = [themed("--low"), themed("--zero"), themed("--high")];
  return { colour: (v) => (v < 0 ? mix(zero, low, -v) : mix(zero, high, v)) };
}

/** From nothing to all: the theme's zero to its accent. */
export function shareScale(): Scale {
  const [zero, accent] = [themed("--zero"), themed("--accent")];
  return { colour: (v) => mix(zero, accent, v) };
}

/** Ink that can be read on a colour (WCAG's relative luminance). */
export function inkOn(colour: Rgb): string {
  const [r, g, b] = colour.map((c) => {
    const s = c / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? "#ffffff" : "#000000";
}
