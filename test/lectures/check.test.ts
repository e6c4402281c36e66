import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Generator, ops, randn, type Tensor, tensor } from "../../src/index.ts";
import { judge } from "../../src/lectures/check.ts";
import {
  check,
  defineExercise,
  type Exercise,
  hint,
  onInputs,
  problemsOf,
  progressFile,
  progressReport,
  readProgress,
  solution,
} from "../../src/lectures/index.ts";
import { bundleOf } from "../../src/show.ts";

const exercise = (fields: Partial<Exercise>): Exercise => ({
  id: "test.1",
  title: "a test",
  expected: () => 1,
  mistakes: [],
  hints: ["think"],
  ...fields,
});
const messageOf = (fields: Partial<Exercise>, answer: unknown): string =>
  judge(exercise(fields), answer).message;

const thrower = (): never => {
  throw new Error("no");
};

describe("lectures: check", () => {
  it("names the entry of a record, a tensor and a list that differs", () => {
    const expected = () => ({ "∂L/∂Wf": tensor([[0.0131, 2]]), n: 3 });
    assert.match(
      messageOf({ expected }, { "∂L/∂Wf": tensor([[0, 2]]), n: 3 }),
      /^✗ test\.1 ∂L\/∂Wf\[0,0\]: expected 0\.0131, got 0\n/,
    );
    assert.match(messageOf({ expected }, { "∂L/∂Wf": [[0.0131, 2]], n: 4 }), /n: expected 3, got 4/);
    assert.match(messageOf({ expected }, { n: 3 }), /∂L\/∂Wf\.shape: expected \[1,2\], got nothing/);
    assert.match(
      messageOf({ expected }, { "∂L/∂Wf": [0.0131, 2], n: 3, m: 1 }),
      /shape: expected \[1,2\], got \[2\]/,
    );
    assert.match(messageOf({ expected: () => ["a", "b"] }, ["a", "c"]), /\[1\]: expected "b", got "c"/);
    assert.match(messageOf({}, { x: 1 }), /the answer: expected a number, got a record \{ x \}/);
    assert.match(messageOf({ expected: () => ({ x: 1 }) }, { x: 1, y: 2 }), /y: not asked for, got 2/);
  });

  it("begins a cause with a capital letter, but leaves symbols and names as they are", () => {
    const causeOf = (says: string) => {
      const mistakes = [{ wrong: () => 2, says }];
      return messageOf({ mistakes }, 2).split("\n")[1].trim();
    };
    for (const says of ["you took 2", "a row is missing", "back-propagation stops here"])
      assert.equal(causeOf(says), `${says[0].toUpperCase()}${says.slice(1)}.`);
    for (const says of [
      "z and 1 − z are swapped",
      "a and b are exchanged",
      "λ was tuned",
      "da_n is 0",
      "db is 0",
      "dq = da_n",
      "h[t] is 0",
    ])
      assert.equal(causeOf(says), `${says}.`);
  });

  it("shows the inputs with four digits, lists too, as long as they are short", () => {
    const probe = onInputs(() => [1 / 3, [1 / 3, 2], Array.from({ length: 40 }, (_, i) => i)], {
      names: ["a", "b", "c"],
    });
    const message = messageOf({ expected: () => (x: number) => x, probe }, () => 0);
    assert.match(message, /for input 1 \(a = 0\.3333, b = \[0\.3333,2\], c = a list of 40 numbers\)/);
  });

  it("says of long inputs what they are, and what is in a record", () => {
    const step = { i: Array(20).fill(1 / 3), f: Array(20).fill(2 / 3) };
    const R = Array.from({ length: 12 }, () => Array(3).fill(1 / 3));
    const probe = onInputs(() => [step, R], { names: ["step", "R"] });
    const message = messageOf({ expected: () => () => 1, probe }, () => 0);
    assert.match(
      message,
      /for input 1 \(step = a record \{ i, f \}, R = lists of numbers of the shape \[12,3\]\)/,
    );
  });

  it("shows as many digits as are needed to tell the two apart", () => {
    const message = messageOf({ expected: () => [1.00001], tolerance: { rtol: 1e-9, atol: 0 } }, [1.00002]);
    assert.match(message, /expected 1\.00001, got 1\.00002/);
  });

  it("takes a number of any kind that lies within the tolerance, and nothing else", () => {
    const near = { expected: () => 2, tolerance: { rtol: 1e-3, atol: 0 } };
    assert.ok(judge(exercise(near), 2.0019).passed);
    assert.ok(judge(exercise(near), tensor(2)).passed);
    assert.ok(!judge(exercise(near), 2.0021).passed);
    assert.ok(!judge(exercise(near), "2").passed);
    assert.ok(!judge(exercise(near), Number.NaN).passed);
    assert.ok(judge(exercise({ expected: () => Number.NaN }), Number.NaN).passed);
    assert.ok(judge(exercise({ expected: () => Infinity }), Infinity).passed);
    assert.ok(!judge(exercise({ expected: () => Infinity }), -Infinity).passed);
  });

  it("treats maps as records, sets as lists in order, and typed arrays as lists", () => {
    assert.ok(judge(exercise({ expected: () => ({ a: 1 }) }), new Map([["a", 1]])).passed);
    assert.ok(judge(exercise({ expected: () => new Set(["b", "a"]) }), new Set(["a", "b"])).passed);
    assert.ok(judge(exercise({ expected: () => [1, 2] }), Int32Array.of(1, 2)).passed);
  });

  it("compares the gradient of a tensor that has one", () => {
    const leaf = (grad: number) => {
      const x = tensor([1, 2], { requiresGrad: true });
      x.grad = tensor([grad, 0]);
      return x;
    };
    assert.match(
      messageOf({ expected: () => leaf(5) }, leaf(4)),
      /∂L\/∂\(the answer\)\[0\]: expected 5, got 4/,
    );
  });

  it("compares the gradients that a function sends back to its inputs", () => {
    const probe = onInputs(
      (g) => [tensor([g.normal(), g.normal()], { requiresGrad: true, dtype: "float64" })],
      {
        names: ["x"],
        gradients: true,
      },
    );
    const expected = () => (x: Tensor) => ops.tanh(x);
    assert.ok(judge(exercise({ expected, probe }), (x: Tensor) => x.tanh()).passed);
    const cut = messageOf({ expected, probe }, (x: Tensor) => x.tanh().detach());
    assert.match(cut, /∂L\/∂x\.shape: expected \[2\], got nothing/);
    assert.match(cut, /for input 1 \(x = a tensor \[2\]\)/);
    const half = messageOf({ expected, probe }, (x: Tensor) =>
      x.tanh().mul(0.5).add(x.tanh().mul(0.5).detach()),
    );
    assert.match(half, /∂L\/∂x\[0\]: expected/);
  });

  it("says that no gradient came back where the answer left the graph", () => {
    const probe = onInputs(() => [tensor([1, 2], { requiresGrad: true })], { names: ["h"], gradients: true });
    const expected = () => (h: Tensor) => h.mul(2);
    const message = messageOf({ expected, probe }, (h: Tensor) => h.detach().mul(2));
    assert.match(
      message,
      /∂L\/∂h\.shape: expected \[2\], got nothing\n {2}No gradient came back to h: .+ detach, /,
    );
    assert.doesNotMatch(
      messageOf({ expected, probe }, (h: Tensor) => h.mul(3)),
      /No gradient/,
    );
  });

  it("gives each function inputs of its own and reports what it throws", () => {
    const probe = onInputs((g) => [[g.int(9), g.int(9), g.int(9)]]);
    const expected = () => (list: number[]) => [...list].reverse();
    assert.ok(judge(exercise({ expected, probe }), (list: number[]) => list.reverse()).passed);
    const message = messageOf({ expected, probe }, () => {
      throw new Error("oh");
    });
    assert.match(message, /^✗ test\.1 your function threw: Error: oh\n {2}for input 1/);
  });

  it("shows the learner's own exception, whatever is expected, and from whatever input on", () => {
    const probe = onInputs((g) => [randn([3, 4], g)], { names: ["x"] });
    const expected = () => (x: Tensor) => x.transpose(0, 1);
    const message = messageOf({ expected, probe }, (x: Tensor) => x.reshape([99]));
    assert.equal(
      message.split("\n")[0],
      "✗ test.1 your function threw: ShapeError: reshape: [3,4] (12 elements) does not fit [99]",
    );
    assert.doesNotMatch(message, /entries differ/);
    const thrown = (what: unknown) =>
      messageOf({ expected, probe }, () => {
        throw what;
      });
    assert.match(thrown("a text"), /^✗ test\.1 your function threw: a text\n/);
    assert.match(thrown(undefined), /^✗ test\.1 your function threw: undefined\n/);
    assert.match(thrown({ name: "RangeError", message: "far" }), /your function threw: RangeError: far\n/);

    let calls = 0;
    const late = messageOf({ expected, probe }, (x: Tensor) => {
      if (++calls === 3) throw new Error("only now");
      return x;
    });
    assert.match(late, /^✗ test\.1 your function threw: Error: only now\n {2}for input 3/);

    const pair = () => ({ a: (x: Tensor) => x, b: (x: Tensor) => x.neg() });
    const broken = { ...pair(), b: () => thrower() };
    assert.match(
      messageOf({ expected: pair, probe }, broken),
      /^✗ test\.1 b: your function threw: Error: no\n/,
    );
  });

  it("says what came back instead of a value: a promise, or nothing", () => {
    const probe = onInputs((g) => [randn([3, 4], g)], { names: ["x"] });
    const expected = () => (x: Tensor) => x.transpose(0, 1);
    assert.match(
      messageOf({ expected, probe }, async (x: Tensor) => x.transpose(0, 1)),
      /^✗ test\.1 the answer: a Promise came back: .*leave out `async`\n {2}for input 1/,
    );
    assert.match(
      messageOf({ expected, probe }, async () => thrower()),
      /a Promise came back/,
    );
    assert.match(
      messageOf({}, Promise.resolve(1)),
      /^✗ test\.1 the answer: got a Promise: write `await` before it\n/,
    );
    assert.match(
      messageOf({ expected, probe }, () => undefined),
      /the answer: expected a tensor \[4,3\], got nothing back: is a `return` missing\?\n/,
    );
    assert.match(
      messageOf({ expected, probe }, tensor([1, 2])),
      /the answer: expected a function, got a tensor \[2\]\n/,
    );
  });

  it("names both kinds where an answer is of another one", () => {
    const list = { expected: () => [4, 2, 3] };
    const kinds: [unknown, string][] = [
      ["4,2,3", "a text"],
      [423, "a number"],
      [true, "true or false"],
      [[], "an empty list"],
      [["4", "2"], "a list of 2 texts"],
      [[[1, 2], [3]], "a list of 2 lists, not all of one length or not all of numbers"],
      [{ a: 1 }, "a record { a }"],
      [() => 1, "a function"],
    ];
    for (const [answer, words] of kinds) {
      const [headline] = messageOf(list, answer).split("\n");
      assert.equal(headline, `✗ test.1 the answer: expected a list of 3 numbers, got ${words}`);
    }
    assert.match(
      messageOf({ expected: () => ({ x: [[1, 2]] }) }, { x: 3 }),
      /x: expected lists .* \[1,2\], got a number/,
    );
    // What differs before is said first, and lists of another length are lists.
    assert.match(messageOf({ expected: () => ({ n: 1, x: [1] }) }, { n: 2, x: 3 }), /n: expected 1, got 2/);
    assert.match(messageOf(list, [4, 2]), /the answer\.shape: expected \[3\], got \[2\]/);
  });

  it("says of a single number how far off it is, and does not hand it out", () => {
    const off = (expected: number, got: number) =>
      messageOf({ expected: () => expected }, got)
        .split("\n")[0]
        .replace("✗ test.1 the answer: ", "");
    assert.equal(off(8, 24), "got 24, about 3 times too large");
    assert.equal(off(8, 0.1), "got 0.1, about 80 times too small");
    assert.equal(off(8, 9), "got 9, about 10 % too large");
    assert.equal(off(8, 7.9), "got 7.9, about 1 % too small");
    assert.equal(off(-8, -24), "got -24, about 3 times too large in size");
    assert.equal(off(-8, 8), "got 8, which has the wrong sign");
    assert.equal(off(8, 0), "got 0, which is too near to zero");
    assert.equal(off(0, 1), "got 1, which is too large");
    assert.equal(off(8, Number.NaN), "got NaN, which is not a number");
    assert.equal(off(8, -Infinity), "got -Infinity, which is too small");
    assert.doesNotMatch(check("01.1", 1, { record: false }).message, /expected/);
  });

  it("finds the cause in the first wrong part, whatever the other parts are", () => {
    const fields = {
      expected: () => ({ a: [1, 2], b: 3 }),
      mistakes: [{ wrong: () => ({ a: [2, 1], b: 30 }), says: "you turned it round" }],
    };
    assert.equal(judge(exercise(fields), { a: [2, 1], b: 3 }).cause, "you turned it round");
    assert.equal(judge(exercise(fields), { a: [2, 5], b: 3 }).cause, undefined);
    assert.equal(judge(exercise(fields), { a: [1, 2], b: 30 }).cause, "you turned it round");
  });

  it("does not take a part that is 0 for the trace of a mistake, unless all is as that mistake makes it", () => {
    const fields = {
      expected: () => ({ a: 1, b: 2 }),
      mistakes: [{ wrong: () => ({ a: 0, b: 3 }), says: "you went forward" }],
    };
    assert.equal(judge(exercise(fields), { a: 0, b: 0 }).cause, undefined);
    assert.equal(judge(exercise(fields), { a: 0, b: 3 }).cause, "you went forward");
  });

  it("shows itself as text and as HTML, without letting an answer write markup", () => {
    const bundle = bundleOf(judge(exercise({ expected: () => "x" }), "<b>")) as Record<string, string>;
    assert.match(bundle["text/plain"], /^✗ test\.1 the answer: expected "x", got "<b>"/);
    assert.ok(!bundle["text/html"].includes("<b>"));
  });

  it("tells a teacher what is wrong with an exercise", () => {
    assert.deepEqual(problemsOf(exercise({})), []);
    const same = { wrong: () => 1, says: "nothing" };
    assert.match(problemsOf(exercise({ mistakes: [same] }))[0], /the mistake "nothing" is passed/);
    const twins = [
      { wrong: () => 2, says: "one" },
      { wrong: () => 2, says: "two" },
    ];
    assert.match(problemsOf(exercise({ mistakes: twins }))[0], /"two" is taken for "one"/);
    const draw = new Generator(1);
    assert.match(problemsOf(exercise({ expected: () => draw.uniform() }))[0], /the expected answer fails/);
  });
});

describe("lectures: progress, hints, solutions", () => {
  let folder: string;
  const before = { ...process.env };
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "unrolled-progress-"));
    process.env["UNROLLED_PROGRESS"] = path.join(folder, "sub", "progress.json");
  });
  afterEach(() => {
    process.env = { ...before };
    rmSync(folder, { recursive: true });
  });

  it("counts attempts, keeps when an exercise was first passed, and is one JSON file", () => {
    check("00.1", [4, 2]);
    check("00.1", [4, 2, 3]);
    const { passed } = readProgress().exercises["00.1"];
    check("00.1", [4, 2]);
    assert.deepEqual({ ...readProgress().exercises["00.1"], last: "" }, { attempts: 3, passed, last: "" });
    const [report] = progressReport();
    assert.equal(report.passed, 1);
    assert.equal(report.exercises.find(({ id }) => id === "00.1")?.passed, passed);
    assert.equal(report.exercises.find(({ id }) => id === "00.2")?.attempts, 0);
    assert.equal(JSON.parse(readFileSync(progressFile()!, "utf8")).version, 1);
  });

  it("keeps nothing for an answer not given, for `record: false`, and where it is off", () => {
    check("00.1", undefined);
    check("00.1", [4, 2, 3], { record: false });
    assert.deepEqual(readProgress().exercises, {});
    process.env["UNROLLED_PROGRESS"] = "off";
    assert.equal(progressFile(), undefined);
    assert.ok(check("00.1", [4, 2, 3]).passed);
    assert.deepEqual(progressReport(), []);
  });

  it("judges all the same when the file cannot be written, and says so", () => {
    mkdirSync(path.join(folder, "sub"));
    writeFileSync(path.join(folder, "sub", "progress.json"), "{ half");
    const verdict = check("00.1", [4, 2, 3]);
    assert.ok(verdict.passed);
    assert.match(verdict.message, /Your progress was not saved: .*progress\.json: not a progress file/);
    assert.equal(readFileSync(progressFile()!, "utf8"), "{ half"); // what was there is not lost
    assert.throws(() => progressReport([path.join(folder, "none.json")]), /no such file/);
  });

  it("gives hints in steps, the last one again, and keeps how many were taken", () => {
    const first = hint("01.1").text;
    const second = hint("01.1").text;
    assert.notEqual(first, second);
    assert.equal(hint("01.1").text, second);
    assert.equal(hint("01.1", 1).text, first);
    assert.equal(readProgress().exercises["01.1"].hints, 2);
    assert.throws(() => hint("01.99"), /there is no exercise "01\.99"; there are 01\.1, 01\.2/);
  });

  it("hides solutions where a teacher wants it", () => {
    process.env["UNROLLED_SOLUTIONS"] = "hidden";
    assert.throws(() => solution("00.1"), /The solution of 00\.1 is hidden in this course/);
  });

  it("takes exercises of a teacher's own, but not over one of the series", () => {
    defineExercise(exercise({ id: "mine.1", expected: () => 7 }));
    defineExercise(exercise({ id: "mine.1", expected: () => 8 }));
    assert.ok(check("mine.1", 8).passed);
    assert.equal(progressReport()[0].exercises.find(({ id }) => id === "mine.1")?.attempts, 1);
    assert.throws(() => defineExercise(exercise({ id: "01.1" })), /belongs to the series/);
    assert.throws(() => defineExercise(exercise({ id: "one" })), /id must look like/);
  });
});
