import type { Generator } from "../random.ts";

/** Side of a picture in pixels. */
export const SIDE = 16;
export const PIXELS: number = SIDE * SIDE;

export const SHAPES = ["circle", "square", "triangle", "cross"] as const;
export type Shape = (typeof SHAPES)[number];

/** A shape with its middle and half its extent, in pixels. */
export interface Drawing {
  readonly shape: Shape;
  readonly filled: boolean;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Whether a point lies within the shape, with the middle at 0 and half the extent 1; y points down. */
const INSIDE: Readonly<Record<Shape, (x: number, y: number) => boolean>> = {
  circle: (x, y) => x * x + y * y <= 1,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) <= 0.9,
  triangle: (x, y) => y <= 0.9 && Math.abs(x) <= (y + 1) / 2,
  cross: (x, y) => Math.min(Math.abs(x), Math.abs(y)) <= 0.3 && Math.max(Math.abs(x), Math.abs(y)) <= 1,
};

/** Points per pixel and direction that are tried; a pixel's value is the share of them that is covered. */
const FINE = 4;

/** Draws with values 0 … 1 into row-major pixels [SIDE, SIDE], from `offset` on. Outlines are as wide as a pixel. */
export function draw({ shape, filled, x, y, radius }: Drawing, into: Float32Array, offset: number): void {
  const inside = INSIDE[shape];
  const hole = 1 - 1.4 / radius;
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      let covered = 0;
      for (let i = 0; i < FINE * FINE; i++) {
        const u = (column + ((i % FINE) + 0.5) / FINE - x) / radius;
        const v = (row + (Math.floor(i / FINE) + 0.5) / FINE - y) / radius;
        if (inside(u, v) && (filled || !inside(u / hole, v / hole))) covered++;
      }
      into[offset + row * SIDE + column] = covered / (FINE * FINE);
    }
  }
}

/** Adds Gaussian noise and keeps the values within 0 … 1. */
export function addNoise(pixels: Float32Array, noise: number, generator: Generator): void {
  if (noise === 0) return;
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = Math.min(1, Math.max(0, pixels[i] + generator.normal(0, noise)));
  }
}
