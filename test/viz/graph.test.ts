import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import { bundleOf } from "../../src/show.ts";
import { drawGraph, type GraphDrawing } from "../../src/viz/index.ts";
import { layered } from "../../src/viz/layered.ts";
import { Generator, noGrad, ones, type Tensor, tensor } from "../golden/core.ts";
import { contrast } from "./colour.ts";

const leaf = (...shape: number[]) => ones(shape, { requiresGrad: true });

/** One layer and its loss: W, b and x go in, six ops follow. */
function layer(): { loss: Tensor; W: Tensor; b: Tensor } {
  const [W, b, x] = [leaf(3, 4), leaf(3), ones([4])];
  x.name = "x";
  return { loss: W.matmul(x).add(b).tanh().sub(0.5).square().mean(), W, b };
}

const boxes = ({ nodes }: GraphDrawing) => nodes.map((n) => `${n.kind} ${n.name} [${n.shapes.join("] [")}]`);
const flows = ({ nodes, edges }: GraphDrawing) =>
  edges.map(({ from, to }) => `${nodes[from].name} → ${nodes[to].name}`);

function svgOf(drawing: GraphDrawing) {
  const { JSDOM } = createRequire(import.meta.url)("jsdom");
  const { document } = new JSDOM(drawing.toSVG(), { contentType: "image/svg+xml" }).window;
  return document as {
    querySelectorAll(
      selector: string,
    ): ArrayLike<{ textContent: string; getAttribute(name: string): string | null }>;
    documentElement: { getAttribute(name: string): string | null };
  };
}

/** Every two boxes that overlap, every line that runs over a box, everything that lies outside. */
function faults({ nodes, edges, width, height }: GraphDrawing): string[] {
  const found: string[] = [];
  nodes.forEach((a, i) => {
    if (a.x < 0 || a.y < 0 || a.x + a.width > width || a.y + a.height > height) found.push(`${i} outside`);
    nodes.slice(0, i).forEach((b, j) => {
      const beside = a.x + a.width <= b.x || b.x + b.width <= a.x;
      if (!beside && a.y < b.y + b.height && b.y < a.y + a.height) found.push(`${i} over ${j}`);
    });
  });
  edges.forEach(({ from, to, path: route }, i) => {
    let y = nodes[from].y;
    for (const { x, top, bottom } of route) {
      if (top < y || bottom < top) found.push(`edge ${i} goes up`);
      y = bottom;
      for (const [k, n] of nodes.entries()) {
        if (k === from || k === to || x <= n.x || x >= n.x + n.width) continue;
        if (top < n.y + n.height && bottom > n.y) found.push(`edge ${i} over box ${k}`);
      }
    }
    const [start, end] = [route[0], route[route.length - 1]];
    const [a, b] = [nodes[from], nodes[to]];
    if (start.top !== a.y + a.height || start.x < a.x || start.x > a.x + a.width)
      found.push(`edge ${i}: start`);
    if (end.bottom !== b.y || end.x < b.x || end.x > b.x + b.width) found.push(`edge ${i}: end`);
  });
  return found;
}

describe("viz: drawGraph", () => {
  it("has a box for each op and each tensor that went in, and an arrow for each flow of data", () => {
    const { loss, W, b } = layer();
    const drawing = drawGraph(loss, { names: { W, b } });
    assert.deepEqual(boxes(drawing).sort(), [
      "constant 0.5 []",
      "constant x [4]",
      "leaf W [3,4]",
      "leaf b [3]",
      "op add [3]",
      "op matmul [3]",
      "op mean []",
      "op square [3]",
      "op sub [3]",
      "op tanh [3]",
    ]);
    assert.deepEqual(flows(drawing).sort(), [
      "0.5 → sub",
      "W → matmul",
      "add → tanh",
      "b → add",
      "matmul → add",
      "square → mean",
      "sub → square",
      "tanh → sub",
      "x → matmul",
    ]);
    assert.equal(drawing.nodes[drawing.nodes.length - 1].name, "mean");
    for (const { from, to } of drawing.edges) assert.ok(from < to);
    assert.deepEqual(faults(drawing), []);
  });

  it("draws a tensor that is used twice once, each of its uses, and several results of one op", () => {
    const a = leaf(2, 6);
    a.name = "a";
    const [left, right] = a.chunk(2, 1);
    const drawing = drawGraph(left.mul(right).add(left.mul(left)));
    assert.deepEqual(boxes(drawing).slice(0, 2), ["leaf a [2,6]", "op split [2,3] [2,3]"]);
    const uses = flows(drawing).filter((flow) => flow === "split → mul");
    assert.equal(uses.length, 4);
    assert.deepEqual(faults(drawing), []);
    const texts = Array.from(svgOf(drawing).querySelectorAll("text")).map((t) => t.textContent);
    assert.ok(texts.includes("2 × [2,3]"), texts.join(" | "));
  });

  it("takes constants of one name and shape for one tensor, numbers and nameless ones each for itself", () => {
    const w = leaf(3);
    const x = ones([3]);
    const y = w.mul(x).add(w.mul(x)).mul(2).mul(2);
    const constants = (t: Tensor) => boxes(drawGraph(t)).filter((box) => box.startsWith("constant"));
    assert.deepEqual(constants(y), ["constant  [3]", "constant  [3]", "constant 2 []", "constant 2 []"]);
    x.name = "x";
    assert.deepEqual(constants(w.mul(x).add(w.mul(x))), ["constant x [3]"]);
  });

  it("draws a leaf alone, and names from a model's parameters", () => {
    const w = leaf(2);
    const drawing = drawGraph(w, { names: new Map([["rnn.weight_hh_l0", w]]) });
    assert.deepEqual(boxes(drawing), ["leaf rnn.weight_hh_l0 [2]"]);
    assert.deepEqual([drawing.edges.length, faults(drawing).length], [0, 0]);
  });

  it("boxes do not overlap and lines do not run over boxes: 100 random graphs", () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = new Generator(seed);
      const values: Tensor[] = [leaf(2, 2), leaf(2, 2), leaf(2, 2)];
      for (let i = 0; i < 4 + random.int(25); i++) {
        const [a, b] = [random.int(values.length), random.int(values.length)].map((k) => values[k]);
        const make = [() => a.tanh(), () => a.add(b), () => a.matmul(b), () => a.mul(ones([2, 2]))];
        values.push(make[random.int(make.length)]());
      }
      const drawing = drawGraph(values.reduce((sum, v) => sum.add(v)));
      assert.deepEqual(faults(drawing), [], `seed ${seed}`);
    }
  });

  it("a chain stands straight, and two branches cross only where they must", () => {
    const chain = layered(
      [1, 2, 3, 4].map(() => ({ width: 40, height: 20 })),
      [
        { from: 0, to: 1 },
        { from: 1, to: 2 },
        { from: 2, to: 3 },
      ],
    );
    assert.deepEqual(
      chain.places.map(({ x }) => x),
      [0, 0, 0, 0],
    );
    assert.deepEqual([chain.width, chain.height], [40, 4 * 20 + 3 * 30]);
    // a → c, b → d given as [a, b, d, c]: the lower two change places.
    const { places } = layered(
      [1, 2, 3, 4].map(() => ({ width: 40, height: 20 })),
      [
        { from: 0, to: 3 },
        { from: 1, to: 2 },
      ],
    );
    assert.equal(Math.sign(places[1].x - places[0].x), Math.sign(places[2].x - places[3].x));
  });

  it("shows itself as SVG and in words, prints the words, and can be saved", () => {
    const { loss, W, b } = layer();
    const drawing = drawGraph(loss, { names: { W, b }, title: "One layer" });
    const words =
      "One layer: graph of 6 operations and 2 leaves. matmul [3] from W and x; add [3] from matmul and b; " +
      "tanh [3] from add; sub [3] from tanh and 0.5; square [3] from sub; mean [] from square.";
    assert.equal(drawing.alt, words);
    assert.deepEqual(bundleOf(drawing), { "image/svg+xml": drawing.toSVG(), "text/plain": words });
    assert.equal(inspect(drawing), words);
    assert.equal(svgOf(drawing).documentElement.getAttribute("aria-label"), words);
    const folder = mkdtempSync(path.join(tmpdir(), "unrolled-"));
    try {
      drawing.save(path.join(folder, "graph.svg"));
      assert.deepEqual(readdirSync(folder), ["graph.svg"]);
      assert.equal(readFileSync(path.join(folder, "graph.svg"), "utf8"), drawing.toSVG());
      assert.throws(
        () => drawing.save(path.join(folder, "graph.png")),
        /^ArgumentError: GraphDrawing.save: .*\.svg/,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("tells ops of one name apart in words", () => {
    const a = leaf(2);
    a.name = "a";
    assert.match(drawGraph(a.tanh().tanh()).alt, /tanh \[2\] from a; tanh \(2\) \[2\] from tanh\.$/);
    assert.match(drawGraph(a.tanh()).alt, /^Graph of 1 operation and 1 leaf\./);
  });

  it("can be read on light and on dark pages", () => {
    const { loss, W, b } = layer();
    const svg = svgOf(drawGraph(loss, { names: { W, b } }));
    const fills = Array.from(svg.querySelectorAll("rect")).map((r) => r.getAttribute("fill")!);
    const inks = Array.from(svg.querySelectorAll("text")).map((t) => t.getAttribute("fill")!);
    assert.deepEqual([new Set(fills).size, inks.length], [3, 19]);
    for (const fill of fills)
      for (const ink of inks) assert.ok(contrast(fill, ink) >= 7, `${ink} on ${fill}`);
    for (const g of Array.from(svg.querySelectorAll("g[stroke]"))) {
      for (const page of ["#ffffff", "#111111"]) assert.ok(contrast(g.getAttribute("stroke")!, page) >= 3);
    }
  });

  it("escapes names, and holds neither scripts nor styles", () => {
    const a = leaf(2);
    a.name = '<script>alert("1")</script>&\u0000';
    const drawing = drawGraph(a.exp(), { title: "<b>title</b>" });
    const svg = svgOf(drawing);
    assert.equal(svg.querySelectorAll("script, style, b").length, 0);
    const texts = Array.from(svg.querySelectorAll("text")).map((t) => t.textContent);
    assert.deepEqual(texts, ["<b>title</b>", '<script>alert("1")</script>&␀', "[2]", "exp", "[2]"]);
    assert.equal(
      svg.querySelectorAll("title")[0].textContent,
      "exp: y = eˣ; dx = y ⊙ dy",
      "the formula appears under the mouse",
    );
  });

  it("refuses large graphs before it lays them out, at a limit of one's own if wanted", () => {
    let y: Tensor = leaf(1);
    for (let i = 0; i < 20_000; i++) y = y.add(1);
    assert.throws(
      () => drawGraph(y),
      /^ArgumentError: drawGraph: the graph has 40,001 nodes, more than 300;/,
    );
    const small = leaf(1).add(1);
    assert.throws(() => drawGraph(small, { maxNodes: 2 }), /3 nodes, more than 2/);
    assert.equal(drawGraph(small, { maxNodes: 3 }).nodes.length, 3);
    assert.throws(() => drawGraph(small, { maxNodes: 0 }), /^ArgumentError: drawGraph: maxNodes/);
  });

  it("refuses what has no graph, a released graph, and what is no tensor, by name", () => {
    const w = leaf(2);
    assert.throws(() => drawGraph(ones([2])), /^AutogradError: drawGraph: there is no graph/);
    assert.throws(() => drawGraph(noGrad(() => w.exp())), /^AutogradError: drawGraph: there is no graph/);
    const loss = w.exp().sum();
    loss.backward();
    assert.throws(() => drawGraph(loss), /^AutogradError: drawGraph: the graph through "sum" was released/);
    assert.throws(() => drawGraph(3 as never), /^ArgumentError: drawGraph: expected a tensor, got 3/);
    assert.throws(
      () => drawGraph(w.exp(), { names: { w: [1] as never } }),
      /^ArgumentError: drawGraph: names: w is no tensor but an array/,
    );
    const kept = tensor(2, { requiresGrad: true }).square();
    kept.backward({ retainGraph: true });
    assert.equal(drawGraph(kept).nodes.length, 2);
  });
});
