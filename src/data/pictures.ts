import { expectNumber, expectOptions } from "../errors.ts";
import * as expect from "../expect.ts";
import type { Generator } from "../random.ts";
import { addNoise, type Drawing, draw, PIXELS, SHAPES, type Shape, SIDE } from "./shapes.ts";

/** Options of `captions`. */
export interface PictureOptions {
  /** Standard deviation of the noise on each pixel; default 0.05. */
  noise?: number;
}

/** What is on a picture. */
export interface Scene {
  readonly size: "small" | "large";
  readonly style: "filled" | "outlined";
  readonly shape: Shape;
  readonly vertical: "top" | "bottom";
  readonly horizontal: "left" | "right";
}

/** Pictures with captions, for one-to-many models. */
export interface CaptionBatch {
  /** [B, pixels] values 0 … 1, row-major pictures of `side` × `side`. */
  readonly x: Float32Array;
  readonly captions: readonly (readonly string[])[];
  readonly shape: readonly [B: number, pixels: number];
}

/** Small pictures and the sentences that describe them. */
export interface CaptionTask {
  readonly name: string;
  readonly about: string;
  /** Side of a picture in pixels. */
  readonly side: number;
  /** The words of all captions, sorted; the end is not among them. */
  readonly words: readonly string[];
  /** All scenes there are; the picture of each is different. */
  readonly scenes: readonly Scene[];
  caption(scene: Scene): string[];
  batch(size: number, generator: Generator): CaptionBatch;
  /** The captions, from the pictures alone: of the scene whose drawing is nearest. */
  solve(batch: Pick<CaptionBatch, "x" | "shape">): string[][];
}

const SCENES: readonly Scene[] = SHAPES.flatMap((shape) =>
  (["small", "large"] as const).flatMap((size) =>
    (["filled", "outlined"] as const).flatMap((style) =>
      (["top", "bottom"] as const).flatMap((vertical) =>
        (["left", "right"] as const).map((horizontal) => ({ size, style, shape, vertical, horizontal })),
      ),
    ),
  ),
);

/** Middles lie up to so many pixels beside a quarter point. */
const JITTER = 0.75;

const drawing = ({ size, style, shape, vertical, horizontal }: Scene, dx: number, dy: number): Drawing => ({
  shape,
  filled: style === "filled",
  radius: size === "small" ? 2.2 : 3.3,
  x: SIDE * (horizontal === "left" ? 0.29 : 0.71) + dx,
  y: SIDE * (vertical === "top" ? 0.29 : 0.71) + dy,
});

const captionOf = ({ size, style, shape, vertical, horizontal }: Scene): string[] =>
  `a ${size} ${style} ${shape} at the ${vertical} ${horizontal}`.split(" ");

/**
 * Captions of drawn shapes, standing for image captioning: "a small filled circle at the top left". The picture
 * determines the caption, so the least loss is 0.
 */
export function captions(options: PictureOptions = {}): CaptionTask {
  const { noise = 0.05 } = expectOptions(options, ["noise"], "captions");
  expectNumber(noise, "captions: noise", { min: 0 });
  return {
    name: "captions",
    about: `captions of pictures of ${SIDE} × ${SIDE} pixels with one shape each`,
    side: SIDE,
    words: [...new Set(SCENES.flatMap(captionOf))].sort(),
    scenes: SCENES,
    caption: captionOf,
    batch(size, generator) {
      expect.generator(generator, "captions.batch");
      expectNumber(size, "captions.batch: size", { integer: true, min: 1 });
      const x = new Float32Array(size * PIXELS);
      const texts = Array.from({ length: size }, (_, b) => {
        const scene = generator.choice(SCENES);
        const [dx, dy] = [generator.uniform(-JITTER, JITTER), generator.uniform(-JITTER, JITTER)];
        draw(drawing(scene, dx, dy), x, b * PIXELS);
        return captionOf(scene);
      });
      addNoise(x, noise, generator);
      return { x, captions: texts, shape: [size, PIXELS] };
    },
    solve: ({ x, shape: [B] }) =>
      Array.from({ length: B }, (_, b) => captionOf(nearest(x.subarray(b * PIXELS, (b + 1) * PIXELS)))),
  };
}

interface Template {
  readonly scene: Scene;
  readonly pixels: Float32Array;
}
let templates: readonly Template[] | undefined;

/** The scene with the drawing at the least squared distance, at any of 5 × 5 places within the jitter. */
function nearest(picture: Float32Array): Scene {
  const places = [-1, -0.5, 0, 0.5, 1].map((share) => share * JITTER);
  templates ??= SCENES.flatMap((scene) =>
    places.flatMap((dx) =>
      places.map((dy) => {
        const pixels = new Float32Array(PIXELS);
        draw(drawing(scene, dx, dy), pixels, 0);
        return { scene, pixels };
      }),
    ),
  );
  let best = templates[0];
  let least = Infinity;
  for (const template of templates) {
    let distance = 0;
    for (let i = 0; i < PIXELS && distance < least; i++) distance += (picture[i] - template.pixels[i]) ** 2;
    if (distance < least) [best, least] = [template, distance];
  }
  return best.scene;
}
