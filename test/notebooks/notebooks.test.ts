import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { series } from "../../src/lectures/exercises/index.ts";
import { type Cell, cellsOf, filesIn, folder, proseOf, textOf } from "./read.ts";

const lectures = filesIn(".");
const solutions = filesIn("solutions");
const code = (file: string): Cell[] => cellsOf(file).filter(({ cell_type }) => cell_type === "code");
const numberOf = (file: string): string => path.basename(file).slice(0, 2);

/** A bundle's value as one text: notebooks hold texts as lists of lines. */
const textOfData = (value: unknown): string => (Array.isArray(value) ? value.join("") : String(value));

for (const file of [...lectures, ...solutions]) {
  describe(`notebooks/${file}`, () => {
    it("has cells that fit a screen, at most 30 lines of at most 110 characters", () => {
      for (const { id, source } of code(file)) {
        const lines = source.split("\n");
        assert.ok(lines.length <= 30, `${id}: ${lines.length} lines`);
        for (const line of lines) assert.ok([...line].length <= 110, `${id}: ${line}`);
      }
    });

    it("was run from its first cell to its last, and failed only where it is meant to", () => {
      code(file).forEach(({ id, execution_count, outputs, metadata }, i) => {
        assert.equal(execution_count, i + 1, id);
        const failed = outputs.some(({ output_type }) => output_type === "error");
        assert.equal(failed, metadata.tags?.includes("raises-exception") ?? false, id);
      });
    });

    it("names no folder of the machine it was run on", () => {
      const shown = JSON.stringify(cellsOf(file));
      assert.doesNotMatch(shown, /\/(home|root|tmp|work|Users)\//);
      assert.doesNotMatch(shown, /file:\/\//);
    });

    it("runs nothing and fetches nothing when it is opened, and gives nothing away", () => {
      for (const { id, source, outputs } of cellsOf(file)) {
        for (const output of outputs) {
          const data = Object.entries(output.data ?? {});
          for (const [type] of data) assert.doesNotMatch(type, /javascript|ecmascript/i, id);
          const shown = data
            .filter(([type]) => type === "text/html" || type === "image/svg+xml" || type === "text/markdown")
            .map(([, value]) => textOfData(value));
          for (const html of shown) {
            assert.doesNotMatch(
              html,
              /<\s*(script|iframe|object|embed|link|meta|base|form|foreignObject)\b/i,
              id,
            );
            assert.doesNotMatch(html, /[\s"'/]on[a-z]+\s*=/i, id);
            assert.doesNotMatch(html, /javascript:/i, id);
            // What an output loads by itself; names of XML namespaces are no addresses.
            assert.doesNotMatch(
              html,
              /\b(src|href|srcset|action|poster|data)\s*=\s*["']?\s*(https?:)?\/\//i,
              id,
            );
            assert.doesNotMatch(html, /url\(\s*["']?\s*(https?:)?\/\//i, id);
            assert.doesNotMatch(html, /@import/i, id);
          }
        }
        const everything = JSON.stringify([source, outputs]);
        assert.doesNotMatch(everything, /\btoken=|authorization:|_xsrf|-----BEGIN/i, id);
        assert.doesNotMatch(everything, /\b(ghp|npm|sk|xox[bp])_[A-Za-z0-9]{16,}/, id);
        assert.doesNotMatch(source, /<\s*(script|iframe|object|embed)\b/i, id);
        assert.doesNotMatch(source, /!\[[^\]]*\]\(\s*https?:/, `${id}: a picture from elsewhere`);
      }
    });

    it("has mathematics with matching signs and braces", () => {
      for (const { id, cell_type, source } of cellsOf(file)) {
        if (cell_type !== "markdown") continue;
        const prose = source.replace(/`[^`]*`/g, "");
        assert.equal((prose.match(/\$\$/g) ?? []).length % 2, 0, `${id}: $$`);
        const inline = prose.replace(/\$\$[\s\S]*?\$\$/g, "");
        assert.equal((inline.match(/\$/g) ?? []).length % 2, 0, `${id}: $`);
        for (const [formula] of prose.matchAll(/\$\$[\s\S]*?\$\$|\$[^$]*\$/g)) {
          const bare = formula.replace(/\\[{}]/g, "");
          assert.equal(bare.split("{").length, bare.split("}").length, `${id}: ${formula}`);
        }
      }
    });

    it("links only to files that are there", () => {
      for (const { id, source } of cellsOf(file)) {
        for (const [, target] of source.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
          assert.ok(existsSync(path.join(folder, path.dirname(file), target)), `${id}: ${target}`);
        }
      }
    });

    it("has a picture and a description for each figure", () => {
      for (const { id, outputs } of code(file)) {
        for (const { data = {} } of outputs) {
          if (!("application/vnd.plotly.v1+json" in data)) continue;
          assert.ok("image/svg+xml" in data, `${id}: no static picture`);
          assert.ok(String(data["text/plain"]).length > 20, `${id}: no description`);
        }
      }
    });
  });
}

for (const file of lectures) {
  const number = numberOf(file);
  const exercises = series.filter(({ id }) => id.startsWith(`${number}.`)).map(({ id }) => id);

  describe(`notebooks/${file}: the lecture`, () => {
    it("says what it is for, what it needs, what was reached, and where it comes from", () => {
      const prose = proseOf(file);
      for (const part of [
        "**After this lecture you can**",
        "**You need**",
        "## Summary",
        "**References.**",
      ]) {
        assert.ok(prose.includes(part), part);
      }
      assert.ok(prose.startsWith(`# ${number} · `));
    });

    it("asks every exercise of the series once, unanswered, and solves each beside it", () => {
      const asked = code(file).flatMap(({ source }) => [...source.matchAll(/^check\("(\d\d\.\d+)"/gm)]);
      assert.deepEqual(
        asked.map(([, id]) => id),
        exercises,
      );
      const solved = code(path.posix.join("solutions", file));
      assert.deepEqual(
        solved.map(({ metadata }) => metadata.exercise).filter((id) => id !== undefined),
        exercises,
      );
      for (const cell of solved) {
        if (cell.metadata.exercise) assert.match(textOf(cell), new RegExp(`^✓ ${cell.metadata.exercise}`));
      }
    });

    it("has imported what its exercises speak of", () => {
      const imported = code(file).flatMap(({ source }) =>
        [...source.matchAll(/^import (?:type )?\{([^}]*)\} from "unrolled";$/gm)].flatMap(([, names]) =>
          names.split(",").map((name) => name.trim().replace(/^type /, "")),
        ),
      );
      const spoken = cellsOf(file).flatMap(({ cell_type, source }) =>
        cell_type === "markdown"
          ? [...source.matchAll(/`(check|hint|solution|display)\(/g)].map(([, name]) => name)
          : [...source.matchAll(/^\/\/ const .*\b(Tensor|Generator)\b/gm)].map(([, name]) => name),
      );
      // `check` itself speaks of `hint`, and lecture 00 of `solution`, for every exercise.
      for (const name of ["check", "hint", "solution", ...spoken]) assert.ok(imported.includes(name), name);
    });

    it("shows no exercise as passed: the answers are the learner's", () => {
      for (const cell of code(file)) {
        if (/^check\("\d\d\./m.test(cell.source)) assert.doesNotMatch(textOf(cell), /^✓/);
      }
    });
  });
}
