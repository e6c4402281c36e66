/** Colour arithmetic for the tests: contrast after WCAG 2.1, differences in OKLab, simulated colour blindness. */

export type Rgb = readonly [number, number, number];

export function rgb(hex: string): Rgb {
  return [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255) as unknown as Rgb;
}

const linear = (c: number): number => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);

function luminance(color: Rgb): number {
  const [r, g, b] = color.map(linear);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a: string | Rgb, b: string | Rgb): number {
  const [x, y] = [a, b].map((color) => luminance(typeof color === "string" ? rgb(color) : color));
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

/** A translucent `rgba(…)` laid over an opaque colour. */
export function over(rgba: string, page: string): Rgb {
  const [r, g, b, alpha] = rgba.match(/[\d.]+/g)!.map(Number);
  return rgb(page).map((below, i) => alpha * ([r, g, b][i] / 255) + (1 - alpha) * below) as unknown as Rgb;
}

/** Full dichromacy in linear RGB: Machado, Oliveira & Fernandes (2009), severity 1. */
export const SIGHT: Record<string, number[][]> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Distance in OKLab (Ottosson, 2020) as an eye of that kind sees the two colours. */
export function difference(a: string, b: string, sight: number[][]): number {
  const [x, y] = [a, b].map((color) => oklab(rgb(color).map(linear), sight));
  return Math.hypot(...x.map((value, i) => value - y[i]));
}

function oklab(color: number[], sight: number[][]): number[] {
  const apply = (m: number[][], v: number[]): number[] =>
    m.map((row) => row.reduce((sum, w, i) => sum + w * v[i], 0));
  const seen = apply(sight, color).map((value) => Math.max(0, value));
  const cones = apply(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    seen,
  ).map(Math.cbrt);
  return apply(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones,
  );
}
