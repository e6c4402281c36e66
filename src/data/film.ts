import { expectNumber, expectOptions } from "../errors.ts";
import * as expect from "../expect.ts";
import type { Generator } from "../random.ts";
import { addNoise, draw, PIXELS, SHAPES, SIDE } from "./shapes.ts";

const MOVES = ["still", "left", "right", "up", "down"] as const;

/** Films with a label for each frame, time-major: pixel i of frame [t, b] at (t·B + b)·pixels + i. */
export interface FilmBatch {
  /** [T, B, pixels]. */
  readonly x: Float32Array;
  /** [T, B] indices of `moves`: how the shape moved to get where it is. The first frame is "still". */
  readonly y: Int32Array;
  readonly shape: readonly [T: number, B: number, pixels: number];
}

/** Short films of a moving spot, and how it moves. */
export interface FilmTask {
  readonly name: string;
  readonly about: string;
  readonly side: number;
  readonly length: number;
  readonly moves: readonly string[];
  batch(size: number, generator: Generator): FilmBatch;
}

/** Options of `film`. */
export interface FilmOptions {
  /** T, frames of a film; default 10. */
  length?: number;
  /** Standard deviation of the noise on each pixel; default 0.05. */
  noise?: number;
}

const STEPS = [
  [0, 0],
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1],
] as const;
const EDGE = 4;

/**
 * A shape that moves, standing for video classification frame by frame: each frame asks for the move since the frame
 * before, which a single frame does not show. At each step the shape keeps its direction with probability ¾, else it
 * draws a new one; at an edge it draws until it stays inside. Steps are 2 pixels wide.
 */
export function film(options: FilmOptions = {}): FilmTask {
  const { length: T = 10, noise = 0.05 } = expectOptions(options, ["length", "noise"], "film");
  expectNumber(T, "film: length", { integer: true, min: 2 });
  expectNumber(noise, "film: noise", { min: 0 });
  return {
    name: "film",
    about: `films of ${T} frames in which a shape moves`,
    side: SIDE,
    length: T,
    moves: MOVES,
    batch(size, generator) {
      expect.generator(generator, "film.batch");
      const B = expectNumber(size, "film.batch: size", { integer: true, min: 1 });
      const x = new Float32Array(T * B * PIXELS);
      const y = new Int32Array(T * B);
      for (let b = 0; b < B; b++) {
        const shape = generator.choice(SHAPES);
        let at = [EDGE + generator.int(SIDE - 2 * EDGE + 1), EDGE + generator.int(SIDE - 2 * EDGE + 1)];
        let move = generator.int(MOVES.length);
        for (let t = 0; t < T; t++) {
          if (t > 0) {
            if (generator.uniform() < 0.25) move = generator.int(MOVES.length);
            while (!isInside(stepped(at, move))) move = generator.int(MOVES.length);
            at = stepped(at, move);
            y[t * B + b] = move;
          }
          draw({ shape, filled: true, radius: 3, x: at[0], y: at[1] }, x, (t * B + b) * PIXELS);
        }
      }
      addNoise(x, noise, generator);
      return { x, y, shape: [T, B, PIXELS] };
    },
  };
}

const stepped = ([x, y]: readonly number[], move: number) => [x + 2 * STEPS[move][0], y + 2 * STEPS[move][1]];
const isInside = (at: readonly number[]) =>
  at.every((coordinate) => coordinate >= EDGE && coordinate <= SIDE - EDGE);
