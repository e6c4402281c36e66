/** A small lecture that has one of everything, and a notebook full of traps. */
import { mkdtemp, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

interface Cell {
  cell_type: "markdown" | "code";
  id: string;
  metadata: Record<string, unknown>;
  source: string;
  execution_count?: null;
  outputs?: Record<string, unknown>[];
}

let cells = 0;

const markdown = (source: string): Cell => ({
  cell_type: "markdown",
  id: `md-${cells++}`,
  metadata: {},
  source,
});

const code = (source: string, outputs: Record<string, unknown>[] = []): Cell => ({
  cell_type: "code",
  id: `code-${cells++}`,
  metadata: {},
  execution_count: null,
  outputs,
  source,
});

const notebook = (cells: Cell[]): string =>
  `${JSON.stringify({
    cells,
    metadata: {
      kernelspec: { name: "unrolled", display_name: "TypeScript (Unrolled)", language: "typescript" },
      language_info: { name: "typescript" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  })}\n`;

/** Indices of the cells below. */
export const at = { prose: 0, definition: 1, value: 2, figure: 4, error: 6 };

/** Plain objects only: no package needs to be found from the folder of the test. */
const lecture = notebook([
  markdown(
    "# Counting\n\nThe loss is $L = -\\frac{1}{T} \\sum_{t=1}^{T} \\log p(w_t \\mid w_{<t})$ nats.\n\n$$\\frac{\\partial L}{\\partial W} = \\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}$$",
  ),
  code("/** Adds one to a number. */\nfunction addOne(n: number): number {\n  return n + 1;\n}\naddOne(41)"),
  code("console.log('counted');\nconst answer = { words: ['a', 'b'], n: 3 };\nanswer"),
  markdown("## Drawing"),
  code(`const epochs = [0, 1, 2, 3, 4];
const figure = {
  data: [
    { x: epochs, y: epochs.map((e) => Math.exp(-e)), name: "train", type: "scatter", mode: "lines" },
    { x: epochs, y: epochs.map((e) => Math.exp(-e / 2)), name: "valid", type: "scatter", mode: "lines" },
  ],
  layout: { title: { text: "Loss" }, height: 300, xaxis: { title: { text: "epoch" } } },
};
({ [Symbol.for("Jupyter.display")]: () => ({
  "application/vnd.plotly.v1+json": figure,
  "text/plain": "Two falling curves.",
}) })`),
  markdown("## Failing"),
  code("throw new TypeError('this cell fails')"),
]);

/** Every way to run something that a saved output or a text cell could try. `pwned` would tell. */
const attack = (n: number): string => `window.pwned=(window.pwned||'')+'${n}'`;
const display = (data: Record<string, unknown>): Record<string, unknown> => ({
  output_type: "display_data",
  data,
  metadata: {},
});
const hostile = notebook([
  markdown(
    `# Hostile\n\n<img src="x" onerror="${attack(1)}"> <script>${attack(2)}</script>\n\n<iframe srcdoc="<script>parent.${attack(3)}</script>"></iframe>\n\n[link](javascript:${attack(4)})\n\n![](http://192.0.2.1/tracker.png)`,
  ),
  code("1", [
    display({ "text/html": `<script>${attack(5)}</script><img src="x" onerror="${attack(6)}"><b>html</b>` }),
    display({
      "image/svg+xml": `<svg xmlns="http://www.w3.org/2000/svg" onload="${attack(7)}"><script>${attack(8)}</script><text y="20">svg</text><image href="http://192.0.2.1/tracker.png"/></svg>`,
      "text/plain": "A word.",
    }),
    display({ "text/markdown": `<img src="x" onerror="${attack(9)}"> **markdown**` }),
    display({ "application/javascript": attack(10), "text/plain": "javascript" }),
    display({
      "application/vnd.plotly.v1+json": {
        data: [{ y: [1, 2], type: "scatter", name: `<a href="javascript:${attack(11)}">name</a>` }],
        layout: {
          title: { text: `<img src=x onerror=${attack(12)}>title` },
          images: [{ source: "http://192.0.2.1/tracker.png", x: 0, y: 1, sizex: 1, sizey: 1 }],
        },
        config: { plotlyServerURL: "http://192.0.2.1", topojsonURL: "http://192.0.2.1" },
      },
    }),
    display({ "text/latex": `$\\href{javascript:${attack(13)}}{x}$` }),
  ]),
]);

/** A folder to serve, as a user would have it. */
export async function writeLectures(): Promise<string> {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), "unrolled lectures-")));
  await writeFile(path.join(root, "README.md"), "# All lectures\n\n1. [Counting](01-counting.ipynb)\n");
  await writeFile(path.join(root, "01-counting.ipynb"), lecture);
  await writeFile(path.join(root, "hostile.ipynb"), hostile);
  await writeFile(path.join(root, "table.csv"), "word,count\nthe,3\n");
  await writeFile(path.join(root, "data.json"), '{ "key": [1, 2] }\n');
  const pixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  await writeFile(path.join(root, "pixel.png"), Buffer.from(pixel, "base64"));
  return root;
}
