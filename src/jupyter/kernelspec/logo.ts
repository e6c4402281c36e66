import { crc32, deflateSync } from "node:zlib";

/**
 * The kernel's logo: a recurrent cell unrolled over three steps, each passing its state on to the next.
 * One description, in units of a 64 × 64 square, drawn as SVG and as pixels.
 */
const background = { radius: 12, colour: "#2f4b8f" };
const white = "#ffffff";
const discs = [
  { x: 13, y: 40, r: 7 },
  { x: 32, y: 40, r: 7 },
  { x: 51, y: 40, r: 7 },
];
const bars = [
  { x: 10, y: 38, width: 44, height: 4 },
  { x: 11.5, y: 15, width: 3, height: 20 },
  { x: 30.5, y: 15, width: 3, height: 20 },
  { x: 49.5, y: 15, width: 3, height: 20 },
];

/** The files that Jupyter's front ends look for beside a kernel.json. */
export function logos(): Record<string, Uint8Array> {
  return {
    "logo-svg.svg": Buffer.from(logoSvg()),
    "logo-32x32.png": logoPng(32),
    "logo-64x64.png": logoPng(64),
  };
}

export function logoSvg(): string {
  const shapes = [
    `<rect width="64" height="64" rx="${background.radius}" fill="${background.colour}"/>`,
    ...bars.map(
      (b) => `<rect x="${b.x}" y="${b.y}" width="${b.width}" height="${b.height}" fill="${white}"/>`,
    ),
    ...discs.map((d) => `<circle cx="${d.x}" cy="${d.y}" r="${d.r}" fill="${white}"/>`),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">\n  ${shapes.join("\n  ")}\n</svg>\n`;
}

/** A PNG of `size` × `size` pixels, RGBA, each pixel the mean of 16 samples. */
export function logoPng(size: number): Uint8Array {
  const samples = 4;
  const rows: Buffer[] = [];
  for (let y = 0; y < size; y++) {
    const row = Buffer.alloc(1 + 4 * size); // The first byte says: no row filter.
    for (let x = 0; x < size; x++) {
      let [red, green, blue, covered] = [0, 0, 0, 0];
      for (let i = 0; i < samples * samples; i++) {
        const at = (pixel: number, step: number) => ((pixel + (step + 0.5) / samples) * 64) / size;
        const colour = colourAt(at(x, i % samples), at(y, Math.floor(i / samples)));
        if (colour === undefined) continue;
        covered++;
        red += Number.parseInt(colour.slice(1, 3), 16);
        green += Number.parseInt(colour.slice(3, 5), 16);
        blue += Number.parseInt(colour.slice(5, 7), 16);
      }
      const mean = (sum: number) => Math.round(sum / Math.max(covered, 1));
      const alpha = Math.round((255 * covered) / samples ** 2);
      row.set([mean(red), mean(green), mean(blue), alpha], 1 + 4 * x);
    }
    rows.push(row);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8); // 8 bits a channel, RGBA, deflate, no filter, not interlaced.
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.concat(rows), { level: 9 });
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", data),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function colourAt(x: number, y: number): string | undefined {
  const { radius, colour } = background;
  const cornerX = Math.max(radius - x, 0, x - (64 - radius));
  const cornerY = Math.max(radius - y, 0, y - (64 - radius));
  if (Math.hypot(cornerX, cornerY) > radius) return undefined;
  const inside =
    discs.some((d) => Math.hypot(x - d.x, y - d.y) <= d.r) ||
    bars.some((b) => x >= b.x && x <= b.x + b.width && y >= b.y && y <= b.y + b.height);
  return inside ? white : colour;
}

/** Length, name, data, checksum. Source: PNG specification (W3C, third edition), 5.3. */
function chunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
