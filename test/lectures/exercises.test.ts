import assert from "node:assert/strict";
import { judge } from "../../src/lectures/check.ts";
import { series } from "../../src/lectures/exercises/index.ts";
import { problemsOf } from "../../src/lectures/index.ts";

describe("lectures: exercises", () => {
  for (const exercise of series) {
    describe(`${exercise.id} ${exercise.title}`, () => {
      it("accepts its own answer, and recognises every listed mistake", () => {
        assert.deepEqual(problemsOf(exercise), []);
      });

      for (const { wrong, says } of exercise.mistakes) {
        it(`names the wrong entry and the cause: ${says}`, () => {
          const verdict = judge(exercise, wrong());
          assert.equal(verdict.status, "wrong");
          const [headline, cause] = verdict.message.split("\n");
          assert.match(
            headline,
            /^✗ \S+ .+: (expected .+, got .+|not asked for, got .+|got .+ (times|%) too (large|small))$/,
          );
          assert.ok(verdict.difference!.label.length > 0);
          assert.equal(cause.trim().slice(1), `${says.slice(1)}.`); // whether in capitals: check.test.ts
        });
      }

      it("is not passed by nothing, zero, an empty list or a function of nothing", () => {
        assert.equal(judge(exercise, undefined).status, "unanswered");
        assert.equal(judge(exercise, null).status, "unanswered");
        for (const answer of [0, [], {}, "", () => undefined]) {
          assert.equal(judge(exercise, answer).status, "wrong", String(answer));
        }
      });
    });
  }

  it("05.3 takes the numbers as lecture 05 prints them, and no coarser ones", () => {
    const exercise = series.find(({ id }) => id === "05.3")!;
    const printed = { loss: 2.0785, gradient: [0.0377, -0.8749, 0.0007, 0.8365] };
    assert.ok(judge(exercise, printed).passed);
    assert.ok(!judge(exercise, { ...printed, gradient: [0.038, -0.875, 0.001, 0.837] }).passed);
  });

  it("are numbered without gaps, three to six for each lecture", () => {
    const byLecture = new Map<string, number[]>();
    for (const { id } of series) {
      const [lecture, number] = id.split(".");
      byLecture.set(lecture, [...(byLecture.get(lecture) ?? []), Number(number)]);
    }
    for (const [lecture, numbers] of byLecture) {
      assert.deepEqual(
        numbers,
        numbers.map((_, i) => i + 1),
        lecture,
      );
      assert.ok(numbers.length >= 3 && numbers.length <= 6, lecture);
    }
  });
});
