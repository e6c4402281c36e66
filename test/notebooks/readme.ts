/** Makes notebooks/README.md. `node --conditions=unrolled-source --import tsx test/notebooks/write-readme.ts` writes it. */
import { series } from "../../src/lectures/exercises/index.ts";
import { type Lecture, lectures, measured } from "./course.ts";
import { glossary } from "./glossary.ts";
import { describeMap } from "./map.ts";
import { proseOf } from "./read.ts";

export function readme(): string {
  const written = lectures.filter((one) => one.written);
  return [
    "# The lectures",
    "",
    "From counting to long short-term memory: each lecture derives a model, builds it in a few lines, holds it against the " +
      "library's class, trains it, and measures it beside simple models and, where it is known, the best possible one. " +
      "Each has exercises that are checked at once.",
    "",
    table(
      ["lecture", "what it is about", "work", "needs", "run: fast, full", "exercises", "numbers reached"],
      written.map(rowOf),
    ),
    "",
    `Times of a run: ${measured}. A number marked *recorded* was computed on a text that is not part of the repository;`,
    "with `UNROLLED_DATA` set to the folder that holds it (see `datasets/README.md`) it is computed anew and compared.",
    "",
    "Open them with `npm start`: you work on copies of your own. Without a browser, `npx unrolled run notebooks/01-ngram-models.ipynb`",
    "runs one, `npm run notebooks` all of them; `--fast` runs the same cells on less. What you have reached in the exercises:",
    "`npx unrolled progress`. Solutions are in `solutions/`; teachers find what they need in `src/lectures/README.md`.",
    "",
    "## The way through",
    "",
    `![${describeMap()}](images/course.svg)`,
    "",
    ...planned(),
    "## Glossary",
    "",
    "English, Korean, and the lecture in which a term is first needed.",
    "",
    table(
      ["term", "한국어", "lecture", "meaning"],
      glossary.map(([english, korean, lecture, meaning]) => [english, korean, lecture, meaning]),
    ),
    "",
  ].join("\n");
}

/** What the map's dashed boxes are; nothing if there are none. */
function planned(): string[] {
  const unwritten = lectures.filter((one) => !one.written);
  if (unwritten.length === 0) return [];
  const lines = unwritten.map(
    ({ number, title, about, minutes }) => `* **${number} · ${title}** (${minutes} minutes): ${about}`,
  );
  return ["Lectures in dashed boxes are being written:", "", ...lines, ""];
}

function rowOf({ number, title, about, minutes, needs, written }: Lecture): string[] {
  const { file, seconds, numbers } = written!;
  const prose = proseOf(file);
  const reached = numbers.map(([label, pattern]) => {
    const found = pattern.exec(prose)?.[1];
    if (found === undefined) throw new Error(`${file} prints nothing that matches ${pattern}`);
    return `${label}: ${found}`;
  });
  return [
    `[${number} · ${title}](${file})`,
    about,
    `${minutes} min`,
    needs.join(", ") || "–",
    `${seconds[0]} s, ${seconds[1]} s`,
    String(series.filter(({ id }) => id.startsWith(`${number}.`)).length),
    reached.join("; "),
  ];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}
