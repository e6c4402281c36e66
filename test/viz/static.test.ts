import assert from "node:assert/strict";
import { plotlyPage } from "#platform";
import { MAX_SVG_BYTES } from "../../src/viz/draw.ts";
import { type Figure, heatmap, lines, scatter2d } from "../../src/viz/index.ts";
import { plainJson } from "../../src/viz/json.ts";
import { tidySvg } from "../../src/viz/svg.ts";
import { runModule } from "./child.ts";
import { Picture } from "./picture.ts";
import { randomMatrix, samples } from "./samples.ts";

/** Like assert.equal, but shows only the place where two long texts part. */
function assertSame(actual: string, expected: string, what: string): void {
  if (actual === expected) return;
  let at = 0;
  while (actual[at] === expected[at]) at++;
  const near = (text: string): string => text.slice(Math.max(0, at - 80), at + 80);
  assert.fail(`${what}: differs at ${at}:\n${near(actual)}\n${near(expected)}`);
}

describe("viz: static pictures", () => {
  const figures = samples();
  const pictures = new Map<string, { svg: string; picture: Picture }>();
  before(() => {
    for (const [name, figure] of Object.entries(figures)) {
      const svg = figure.toSVG();
      pictures.set(name, { svg, picture: new Picture(svg) });
    }
  });

  it("keep every text inside the picture, and the texts of a legend and of the baselines apart", () => {
    assert.equal(pictures.size, 13);
    for (const { picture } of pictures.values()) {
      assert.ok(picture.all("text").length > 3);
      picture.assertTextInside();
      picture.assertApart(".legendtext, .gtitle, .annotation-text, .xtitle, .ytitle");
    }
  });

  it("show the expected curves, names, labels and units", () => {
    const { picture } = pictures.get("loss of three models")!;
    assert.deepEqual(picture.texts(".legendtext"), [
      "RNN train",
      "RNN validation",
      "LSTM train",
      "LSTM validation",
      "GRU train",
      "GRU validation",
    ]);
    assert.deepEqual(picture.texts(".gtitle, .xtitle, .ytitle"), [
      "Loss",
      "step",
      "loss (nats per character)",
    ]);
    assert.deepEqual(picture.texts(".annotation-text"), [
      "optimum 1.4",
      "KN-5 modified 1.5165",
      "KN-6, D = .75 1.5385",
      "KN-6 estimated 1.5581",
      "unigram 3.31",
    ]);
    assert.equal(picture.all(".scatterlayer .trace .js-line").length, 6);
    assert.equal(picture.all(".shapelayer path").length, 5);
    const labels = picture.boxes(".annotation-text").map(({ box }) => box.y0);
    assert.deepEqual(
      labels,
      labels.toSorted((a, b) => b - a),
      "labels stand in the order of their lines",
    );
  });

  it("show tokens under the cells of a heat map, made visible, and the cells as an image", () => {
    const { picture } = pictures.get("gates")!;
    assert.deepEqual(picture.texts(".xtick text"), [..."hello␣world"]);
    assert.equal(picture.all("image").length, 1);
    const words = pictures.get("words")!.picture;
    assert.deepEqual(words.texts(".xtick text"), [
      ..."the <s> students opened their books </s> <unk> $x$".split(" "),
    ]);
    assert.deepEqual(words.texts(".ytick text"), ["나는", "책을", "읽는다", ".", "␣"]);
    assert.match(words.texts(".heatmap-label text").join(" "), /^(−?-?\d\.\d\d ){44}-?\d\.\d\d$/);
    assert.equal(
      pictures.get("shares")!.picture.all(".heatmap-label text").length,
      28,
      "NaN cells stay empty",
    );
  });

  it("hold no script, link, style sheet or address, whatever the labels say", () => {
    for (const [name, { svg, picture }] of pictures) {
      assert.equal(picture.all("script, a, style, foreignObject, iframe").length, 0, name);
      assert.doesNotMatch(svg.replace(/="http:\/\/www\.w3\.org\/[^"]*"/g, ""), /https?:|\son\w+=/, name);
    }
    const { picture } = pictures.get("hostile")!;
    assert.deepEqual(picture.texts(".legendtext"), [
      "<script>alert(1)</script>",
      '<b>bold</b> & "quoted" $a_b$',
      "한국어 이름",
    ]);
    assert.deepEqual(picture.texts(".gtitle, .xtitle, .ytitle"), [
      '<a href="javascript:alert(1)">x</a> <s> &amp;',
      "a␀b",
      "\ufffd",
    ]);
  });

  it("carry the alternative text and no random name", () => {
    for (const [name, { svg, picture }] of pictures) {
      assert.equal(picture.root.getAttribute("role"), "img");
      assert.equal(
        picture.root.getAttribute("aria-label"),
        figures[name].alt.replace("\u0000", "␀").replace("\ud800", "\ufffd"),
      );
      const ids = picture.all("[id]").map((element) => element.getAttribute("id")!);
      assert.ok(ids.length > 0);
      assert.deepEqual(
        ids,
        ids.map((_, i) => `${ids[0].split("-")[0]}-${i}`),
      );
      for (const [, id] of svg.matchAll(/url\(['"]?#([^'")]*)/g)) assert.ok(ids.includes(id), id);
    }
    const prefixes = [...pictures.values()].map(({ svg }) => /id="(f[0-9a-z]+)-0"/.exec(svg)![1]);
    assert.equal(new Set(prefixes).size, prefixes.length, "two pictures in one page must not share ids");
  });

  it("hold no number longer than needed", () => {
    for (const { svg } of pictures.values()) {
      const coordinates = [...svg.matchAll(/ (?:d|x|y|transform|width|height)="([^"]*)"/g)]
        .map((m) => m[1])
        .join(" ");
      assert.equal(/\d\.\d{3}/.test(coordinates), false);
      assert.deepEqual(/rgb\(|TOBESTRIPPED|opacity:1[;"]/.exec(svg)?.[0], undefined);
    }
  });

  it("are the same bytes when drawn again, in other order, and in another process", () => {
    const again = samples();
    for (const name of Object.keys(again).reverse()) {
      assertSame(again[name].toSVG(), pictures.get(name)!.svg, name);
    }
    const code = `
      import { samples } from "./test/viz/samples.ts";
      const all = Object.entries(samples()).map(([name, figure]) => [name, figure.toSVG()]);
      process.stdout.write(JSON.stringify(all));
    `;
    const { stdout, stderr } = runModule(code);
    assert.equal(stderr, "");
    const elsewhere: [string, string][] = JSON.parse(stdout);
    assert.equal(elsewhere.length, pictures.size);
    for (const [name, svg] of elsewhere) assertSame(svg, pictures.get(name)!.svg, name);
  });

  it("are complete as soon as plotly returns: waiting for its promise changes nothing", async () => {
    const { document, plotly, parse } = plotlyPage();
    for (const [name, { data, layout }] of Object.entries(figures)) {
      const draw = async (wait: boolean): Promise<string> => {
        const div = document.createElement("div");
        document.body.appendChild(div);
        const json = parse(
          JSON.stringify(
            plainJson({
              data: data.map((trace, i) => ({ ...trace, uid: `t${i}` })),
              layout: { ...layout, width: 700 },
            }),
          ),
        );
        const figure = json as { data: unknown; layout: unknown };
        const drawing = plotly.newPlot(div, figure.data, figure.layout, { staticPlot: true });
        if (wait) await drawing;
        const svg = plotly.Snapshot.toSVG(div, "svg", 1);
        await drawing;
        plotly.purge(div);
        div.remove();
        return tidySvg(svg, "");
      };
      assertSame(await draw(false), await draw(true), name);
    }
  });

  it("take the size asked for, else the figure's own, else 700 × 420", () => {
    const size = (figure: Figure, asked?: { width?: number; height?: number }) => {
      const { width, height } = new Picture(figure.toSVG(asked));
      return [width, height];
    };
    const figure = lines({ a: [1, 2] });
    assert.deepEqual(size(figure), [700, 420]);
    assert.deepEqual(size(figure, { width: 500 }), [500, 420]);
    assert.deepEqual(size(lines({ a: [1, 2] }, { width: 300, height: 200 })), [300, 200]);
  });

  describe("thinning", () => {
    const noise = randomMatrix(12, 3000, "thin");
    const inBytes = (svg: string): number => Buffer.byteLength(svg, "utf8");

    it("keeps a picture under 150 kB and says in it how much was left out", () => {
      const svg = lines(Object.fromEntries(noise.map((y, i) => [`series ${i}`, y]))).toSVG();
      assert.ok(inBytes(svg) <= MAX_SVG_BYTES && inBytes(svg) > MAX_SVG_BYTES / 2, `${inBytes(svg)} bytes`);
      const picture = new Picture(svg);
      picture.assertTextInside();
      const note = picture.texts(".annotation-text").at(-1)!;
      const [, shown] = /^Thinned: ([\d,]+) of 36,000 values drawn\.$/.exec(note)!;
      const drawn = picture
        .all(".scatterlayer .js-line")
        .map((path) => (path.getAttribute("d")!.match(/[ML,]?-?[\d.]+,-?[\d.]+/g) ?? []).length)
        .reduce((a, b) => a + b, 0);
      // Plotly itself joins points that lie on one pixel column, so that it may draw fewer.
      assert.ok(drawn <= Number(shown.replace(",", "")) + 12, `${drawn} points for "${note}"`);
      assert.match(picture.root.getAttribute("aria-label")!, /Thinned: /);
    });

    it("says nothing where nothing is left out", () => {
      assert.doesNotMatch(lines({ a: noise[0].slice(0, 1000) }).toSVG(), /Thinned/);
    });

    it("averages heat maps and takes every so-manieth point of a cloud", () => {
      const heat = heatmap(randomMatrix(300, 400, "heat")).toSVG();
      assert.ok(inBytes(heat) <= MAX_SVG_BYTES);
      assert.match(heat, /Thinned: [\d,]+ of 120,000 values drawn/);
      const cloud = scatter2d(randomMatrix(5000, 2, "cloud"), {
        labels: noise[0].concat(noise[1]).slice(0, 5000),
      });
      const svg = cloud.toSVG();
      assert.ok(inBytes(svg) <= MAX_SVG_BYTES);
      const [, shown] = /Thinned: ([\d,]+) of 5,000 values drawn/.exec(svg)!;
      assert.equal(new Picture(svg).all(".points path").length, Number(shown.replace(",", "")));
    });
  });
});
