import { type Generator, lectures } from "../../../src/index.ts";

// lectures.check lectures.Verdict lectures.listExercises
{
  const [first] = lectures.listExercises();
  const verdict = lectures.check(first.id, first.expected(), { record: false });
  verdict instanceof lectures.Verdict; // true
  verdict.passed; // true
}

// lectures.hint lectures.solution lectures.Help
{
  const [{ id }] = lectures.listExercises();
  lectures.hint(id, 1) instanceof lectures.Help; // true
  lectures.solution(id).isCode; // true
}

// lectures.defineExercise lectures.problemsOf lectures.onInputs
{
  const exercise = {
    id: "90.1",
    title: "The square",
    expected: () => (x: number) => x * x,
    probe: lectures.onInputs((generator: Generator) => [generator.uniform()], { names: ["x"] }),
    mistakes: [{ wrong: () => (x: number) => 2 * x, says: "that is twice x" }],
    hints: ["x times x"],
  };
  lectures.problemsOf(exercise); // []
  lectures.defineExercise(exercise);
  lectures.check("90.1", (x: number) => x ** 2, { record: false }).passed; // true
  lectures.check("90.1", (x: number) => 2 * x, { record: false }).cause; // 'that is twice x'
}

// lectures.progressFile lectures.readProgress lectures.progressReport
{
  const file = lectures.progressFile();
  file === undefined || file.endsWith(".json"); // true
  lectures.readProgress("no-such-file.json"); // { version: 1, exercises: {} }
  lectures.progressReport([]); // []
}

// lectures.hasCorpus
{
  lectures.hasCorpus("harbour"); // true
}

// lectures.reproduce lectures.Reproduced
{
  const reproduced = await lectures.reproduce({
    corpus: "harbour",
    title: "A number that is counted again",
    recorded: { answer: 42 },
    command: "npx unrolled reproduce",
    on: "any machine",
    compute: () => ({ answer: 42 }),
  });
  reproduced instanceof lectures.Reproduced; // true
  reproduced.computed; // { answer: 42 }
}
