import { UnrolledError } from "../errors.ts";
import { type MimeBundle, showAs } from "../show.ts";
import { findFile, readCatalogue } from "../text/catalogue.ts";
import { escapeHtml, tableView } from "../text/table.ts";

/** Numbers of the literature, or of a long computation, on a text that may not be there. */
export interface Reproduction {
  /** The corpus that is needed, by its name in the catalogue. */
  corpus: string;
  /** What the numbers are, with their unit. */
  title: string;
  /** The numbers as they were computed once, by `command`, `on` that day (YYYY-MM-DD). */
  recorded: Readonly<Record<string, number>>;
  command: string;
  on: string;
  /** Published values for some of them. */
  published?: Readonly<Record<string, number>>;
  /** Computes them anew; called only where the corpus is. Numbers that a fast run leaves out may be missing. */
  compute: () => Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>;
  /** Digits after the point that are shown; a computed number must agree with the recorded one in them. Default 4. */
  digits?: number;
  /**
   * How far a computed number may lie from the recorded one, where less is certain than is shown, as after a long
   * training: for all of them, or by name.
   */
  within?: number | Readonly<Record<string, number>>;
}

/** A table of numbers, each marked as computed here or as recorded. */
export class Reproduced {
  readonly reproduction: Reproduction;
  /** What was computed here; empty without the corpus. */
  readonly computed: Readonly<Record<string, number>>;

  constructor(reproduction: Reproduction, computed: Readonly<Record<string, number>>) {
    this.reproduction = reproduction;
    this.computed = computed;
  }
}

/**
 * Computes numbers where their corpus is, and holds them against the recorded ones; else shows these as what they are:
 * recorded. A recorded number is never compared with itself.
 *
 * @throws {UnrolledError} naming the first number that does not agree.
 */
export async function reproduce(reproduction: Reproduction): Promise<Reproduced> {
  const { corpus, recorded, compute, digits = 4, within = {} } = reproduction;
  const rounding = 0.5 * 10 ** -digits * 1.01; // the recorded number is itself rounded
  if (!hasCorpus(corpus)) return new Reproduced(reproduction, {});
  const computed = await compute();
  for (const [name, value] of Object.entries(computed)) {
    if (!(name in recorded))
      throw new UnrolledError(`reproduce: "${name}" was computed, but is not recorded`);
    const off = typeof within === "number" ? within : (within[name] ?? rounding);
    if (!(Math.abs(value - recorded[name]) <= off)) {
      throw new UnrolledError(
        `reproduce: "${name}" is ${value.toFixed(digits + 2)} here, but ${recorded[name].toFixed(digits)} was recorded`,
      );
    }
  }
  return new Reproduced(reproduction, computed);
}

/** Whether a corpus of the catalogue can be read here: committed, or brought by the user. */
export function hasCorpus(name: string): boolean {
  const entries = readCatalogue().filter((entry) =>
    [name, `${name}-train`, `${name}-valid`, `${name}-test`].includes(entry.name),
  );
  return (
    entries.length > 0 &&
    entries.every((entry) => entry.committed || findFile([entry.file ?? entry.name]) !== undefined)
  );
}

showAs(Reproduced, ({ reproduction, computed }): MimeBundle => {
  const { corpus, title, recorded, published, command, on, digits = 4 } = reproduction;
  const here = Object.keys(computed).length > 0;
  const rows = Object.entries(recorded).map(([name, value]) => [
    name,
    value.toFixed(digits),
    ...(here ? [name in computed ? computed[name].toFixed(digits) : "–"] : []),
    ...(published ? [name in published ? String(published[name]) : ""] : []),
  ]);
  const missing = hasCorpus(corpus)
    ? "this run left it out"
    : `the corpus "${corpus}" is not here; ` +
      "with the folder that has it, start with `UNROLLED_DATA=FOLDER npm start` and run this cell";
  const note = here
    ? `recorded on ${on} and computed here`
    : `recorded, by \`${command}\` with UNROLLED_DATA set, on ${on}; ${missing}`;
  const header = ["", "recorded", ...(here ? ["here"] : []), ...(published ? ["published"] : [])];
  return {
    "text/plain": tableView(`${title} (${note})`, rows, header)["text/plain"],
    // Below the table: a caption would be as narrow as the columns are.
    "text/html": `${tableView(title, rows, header)["text/html"]}<p>${escapeHtml(note)}</p>`,
  };
});
