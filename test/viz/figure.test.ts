import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import { writeFileAtomic } from "#platform";
import { ArgumentError } from "../../src/errors.ts";
import { bundleOf, type MimeBundle } from "../../src/show.ts";
import { Figure, heatmap, lines, type PlotlyJson } from "../../src/viz/index.ts";
import { runModule, without } from "./child.ts";

const figure = lines({ LSTM: [3, 2, 1], GRU: [3, 2.5, 2] }, { title: "Loss", xLabel: "epoch" });

describe("viz: Figure", () => {
  it("shows itself as one bundle: interactive, static, text, and no HTML", () => {
    const bundle = bundleOf(figure) as MimeBundle;
    assert.deepEqual(Object.keys(bundle), ["application/vnd.plotly.v1+json", "image/svg+xml", "text/plain"]);
    assert.deepEqual(bundle["application/vnd.plotly.v1+json"], figure.toJSON());
    assert.equal(bundle["image/svg+xml"], figure.toSVG());
    assert.equal(bundle["text/plain"], figure.alt);
    assert.equal(inspect(figure), figure.alt);
  });

  it("is plain JSON: typed arrays, gaps and long fractions included", () => {
    const made = new Figure({
      alt: "a",
      data: [
        {
          type: "scatter",
          x: new BigInt64Array([1n, 2n]),
          y: Float64Array.of(1 / 3, Number.NaN),
          f: () => 1,
          g: undefined,
        },
      ],
      layout: { meta: { big: 123456789, tiny: 1.23456789e-9, infinite: Infinity } },
    });
    assert.deepEqual(made.toJSON(), {
      data: [{ type: "scatter", x: [1, 2], y: [0.3333333, null] }],
      layout: { autosize: true, meta: { big: 123456789, tiny: 1.234568e-9, infinite: null } },
      config: { responsive: true, displaylogo: false },
    });
    assert.deepEqual(JSON.parse(JSON.stringify(made)), made.toJSON());
  });

  it("fills the width it is given unless it has its own", () => {
    assert.equal((figure.toJSON().layout as { autosize?: boolean }).autosize, true);
    const fixed = lines({ a: [1] }, { width: 300 }).toJSON().layout as { autosize?: boolean; width?: number };
    assert.deepEqual([fixed.autosize, fixed.width], [undefined, 300]);
  });

  it("can be changed in part, leaving the first one as it was", () => {
    const before = JSON.stringify(figure);
    const changed = figure.update({ yaxis: { range: [0, 4], title: { text: "nats" } } }, "other words");
    const axis = changed.layout.yaxis as {
      range: number[];
      title: { text: string; standoff: number };
      gridcolor: string;
    };
    assert.deepEqual(
      [axis.range, axis.title, axis.gridcolor],
      [[0, 4], { text: "nats", standoff: 8 }, "rgba(122,122,122,0.25)"],
    );
    assert.equal(changed.alt, "other words");
    assert.equal(JSON.stringify(figure), before);
    figure.update(JSON.parse('{ "__proto__": { "polluted": 1 } }'));
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  });

  it("stores at most 2,000 points of a curve in a notebook, and says so there", () => {
    const long = lines({ a: Array.from({ length: 40_000 }, (_, i) => (i === 12_345 ? 9 : Math.sin(i))) });
    const { data, layout } = (bundleOf(long) as MimeBundle)["application/vnd.plotly.v1+json"] as PlotlyJson;
    const [x, y] = [data[0].x as number[], data[0].y as number[]];
    assert.ok(y.length <= 2_000 && y.length === x.length);
    assert.equal(y[x.indexOf(12_345)], 9, "the highest point is kept");
    assert.deepEqual([x[0], x.at(-1)], [0, 39_999]);
    const notes = layout.annotations as { text: string }[];
    assert.equal(notes[0].text, `Thinned: ${y.length.toLocaleString("en-US")} of 40,000 values drawn.`);
    assert.equal((long.toJSON().data[0].y as number[]).length, 40_000, "toJSON keeps all");
  });

  it("refuses traces without text, WebGL, or what is no list", () => {
    const refuses = (part: unknown, message: RegExp) =>
      assert.throws(
        () => new Figure(part as never),
        (e) => e instanceof ArgumentError && message.test(e.message),
      );
    refuses({ data: {}, alt: "a" }, /data must be an array/);
    refuses({ data: [], alt: " " }, /alt.*is missing/);
    for (const type of ["scattergl", "scatter3d", "surface"]) {
      refuses({ data: [{ type }], alt: "a" }, new RegExp(`type "${type}" need WebGL`));
    }
  });

  describe("as a page", () => {
    it("is whole in itself, forbids the network, and cannot be broken by a label", () => {
      const name = "</script><script>alert(1)</script>"; // not escaped for plotly, as a figure made by hand
      const hostile = new Figure({ data: [{ type: "scatter", name, y: [1, 2] }], alt: "<b>\u2028: text" });
      const html = hostile.toHTML();
      assert.ok(html.length > 4e6);
      assert.match(html, /default-src 'none'/);
      const { JSDOM } = createRequire(import.meta.url)("jsdom");
      const { document } = new JSDOM(html).window;
      assert.equal(document.querySelectorAll("script").length, 3);
      assert.equal(document.querySelectorAll("script[src], link, iframe, img").length, 0);
      assert.deepEqual(JSON.parse(document.getElementById("figure-json").textContent), hostile.toJSON());
      assert.equal(document.getElementById("figure").getAttribute("aria-label"), hostile.alt);
      assert.equal(document.title, "<b>\u2028");
    });

    it("can refer to a script beside it", () => {
      const html = figure.toHTML({ plotly: 'plotly.min.js?a=1&b="2"', title: "Mine" });
      assert.match(html, /<script src="plotly\.min\.js\?a=1&amp;b=&quot;2&quot;"><\/script>/);
      assert.match(html, /<title>Mine<\/title>/);
      assert.ok(html.length < 10_000);
    });
  });

  describe("in files", () => {
    let folder = "";
    beforeEach(() => {
      folder = mkdtempSync(path.join(tmpdir(), "unrolled-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it("is saved by the ending of the path", () => {
      assert.equal(figure.save(path.join(folder, "a.svg")), figure);
      figure.save(path.join(folder, "a.HTML")).save(path.join(folder, "a.json"));
      assert.equal(readFileSync(path.join(folder, "a.svg"), "utf8"), figure.toSVG());
      assert.equal(readFileSync(path.join(folder, "a.HTML"), "utf8"), figure.toHTML());
      assert.deepEqual(JSON.parse(readFileSync(path.join(folder, "a.json"), "utf8")), figure.toJSON());
      for (const wrong of ["a.png", "a", ".svg/a"]) {
        assert.throws(
          () => figure.save(path.join(folder, wrong)),
          /must end in \.html, \.svg or \.json, got ".*"/,
        );
      }
      assert.deepEqual(readdirSync(folder).sort(), ["a.HTML", "a.json", "a.svg"]);
    });

    it("is old or new, never half, and leaves nothing behind when it fails", () => {
      const file = path.join(folder, "text");
      writeFileAtomic(file, "old");
      writeFileAtomic(file, "new ✓");
      assert.equal(readFileSync(file, "utf8"), "new ✓");
      writeFileAtomic(file, Uint8Array.of(1, 2, 3));
      assert.deepEqual([...readFileSync(file)], [1, 2, 3]);
      mkdirSync(path.join(folder, "taken"));
      assert.throws(
        () => writeFileAtomic(path.join(folder, "taken"), "x"),
        /taken": it is not a regular file/,
      );
      for (const missing of ["none", "text"]) {
        const inside = path.join(folder, missing, "x");
        assert.throws(() => writeFileAtomic(inside, "x"), {
          name: "DataError",
          message: `cannot write "${inside}": the folder "${path.join(folder, missing)}" does not exist; make it first`,
        });
      }
      assert.deepEqual(readdirSync(folder).sort(), ["taken", "text"]);
    });

    it("keeps the permissions of an old file", () => {
      const file = path.join(folder, "text");
      writeFileSync(file, "old");
      chmodSync(file, 0o640);
      writeFileAtomic(file, "new");
      assert.equal(statSync(file).mode & 0o777, 0o640);
    });

    it("removes what a killed process left behind, and only that", () => {
      const file = path.join(folder, "text");
      const dead = spawnSync(process.execPath, ["--version"]).pid;
      const [stale, recent, ours, other] = [
        `.text.${dead}-1.tmp`,
        `.text.${dead}-2.tmp`,
        `.text.${process.pid}-999.tmp`,
        `.text.old.${dead}-1.tmp`,
      ];
      for (const name of [stale, recent, ours, other]) {
        writeFileSync(path.join(folder, name), "half");
        if (name !== recent) utimesSync(path.join(folder, name), 1, 1);
      }
      writeFileAtomic(file, "new");
      assert.deepEqual(readdirSync(folder).sort(), [recent, ours, other, "text"].sort());
    });

    it("follows a link to its file", () => {
      const [file, link] = [path.join(folder, "file"), path.join(folder, "link")];
      writeFileSync(file, "old");
      symlinkSync("file", link);
      writeFileAtomic(link, "new");
      assert.ok(lstatSync(link).isSymbolicLink());
      assert.equal(readFileSync(file, "utf8"), "new");
    });

    it("keeps the old file when the process is killed at any moment", function () {
      this.timeout(120_000);
      const file = path.join(folder, "big");
      const size = 1 << 22;
      writeFileSync(file, "0".repeat(size));
      for (let round = 0; round < 8; round++) {
        runModule(`
          import { writeFileAtomic } from "./src/platform/files.ts";
          setTimeout(() => process.kill(process.pid, "SIGKILL"), ${round * 3});
          const again = (n) => {
            writeFileAtomic(${JSON.stringify(file)}, String(n % 10).repeat(${size}));
            setImmediate(again, n + 1);
          };
          again(1);
        `);
        const text = readFileSync(file, "latin1");
        assert.equal(text, text[0].repeat(size));
      }
    });
  });
});

describe("viz: without the optional packages", () => {
  const show = `
    const { bundleOf } = await import("./src/show.ts");
    const { lines, heatmap } = await import("./src/viz/index.ts");
    const keys = (figure) => Object.keys(bundleOf(figure)).join(" ");
    console.log(keys(lines({ a: [1, 2] })));
    console.log(keys(lines({ a: [1, 2] })));
    console.log(keys(heatmap([[1, 2]])));
  `;
  const all = "application/vnd.plotly.v1+json image/svg+xml text/plain";
  const rest = "application/vnd.plotly.v1+json text/plain";

  it("shows figures without their static pictures and says once what to install", () => {
    for (const [missing, install] of [
      ["jsdom", "npm install jsdom@26"],
      ["plotly.js", "npm install plotly.js@npm:plotly.js-dist-min@4"],
    ]) {
      const { stdout, stderr, status } = runModule(without(missing) + show);
      assert.deepEqual([stdout.trim().split("\n"), status], [[rest, rest, rest], 0]);
      assert.equal(stderr.match(/is not installed/g)?.length, 1, stderr);
      assert.ok(
        stderr.includes(`needs the package "${missing}"`) && stderr.includes(`Run: ${install}`),
        stderr,
      );
    }
  });

  it("needs the canvas for heat maps only", () => {
    const { stdout, stderr } = runModule(without("@napi-rs/canvas") + show);
    assert.deepEqual(stdout.trim().split("\n"), [all, all, rest]);
    assert.match(
      stderr,
      /A static picture of a heat map needs the package "@napi-rs\/canvas".*npm install @napi-rs\/canvas@1/,
    );
  });

  it("throws where a picture was asked for", () => {
    const ask = `
      const { lines } = await import("./src/viz/index.ts");
      try { lines({ a: [1] }).toSVG(); } catch (error) { console.log(error.name + ": " + error.message); }
    `;
    assert.match(
      runModule(without("jsdom") + ask).stdout,
      /^MissingPackageError: .*"jsdom", which is not installed/,
    );
  });

  it("loads none of them before a figure is drawn", () => {
    const { stdout, stderr } = runModule(`
      import Module from "node:module";
      const loaded = [];
      const load = Module._load;
      Module._load = function (request, ...rest) { loaded.push(request); return load.call(this, request, ...rest); };
      const { lines } = await import("./src/viz/index.ts");
      const figure = lines({ a: [1, 2] });
      JSON.stringify(figure.toJSON());
      const before = loaded.filter((name) => /jsdom|canvas|plotly/.test(name)).length;
      figure.toSVG();
      console.log(before, loaded.includes("jsdom"), loaded.includes("@napi-rs/canvas"));
    `);
    assert.equal(stderr, "");
    assert.equal(stdout.trim(), "0 true false");
  });
});

describe("viz: heat maps on a machine that can draw them", () => {
  it("keep their numbers as one pixel for each cell", async () => {
    const svg = heatmap(
      [
        [0, 1],
        [1, 0],
      ],
      { values: false },
    ).toSVG();
    const png = Buffer.from(/base64,([^"]*)"/.exec(svg)![1], "base64");
    assert.deepEqual(
      [png.readUInt32BE(16), png.readUInt32BE(20)],
      [2, 2],
      "width and height in the PNG header",
    );
    assert.match(svg, /image-rendering:pixelated/);
    const { createCanvas, loadImage } = createRequire(import.meta.url)("@napi-rs/canvas");
    const context = createCanvas(2, 2).getContext("2d");
    context.drawImage(await loadImage(png), 0, 0);
    const pixels = Array.from(context.getImageData(0, 0, 2, 2).data as Uint8Array);
    const [dark, light] = [
      [68, 1, 84, 255],
      [253, 231, 37, 255],
    ];
    assert.deepEqual(pixels, [...dark, ...light, ...light, ...dark]);
  });
});
