import { type MimeBundle, showAs } from "../show.ts";
import { escapeHtml } from "../text/table.ts";
import type { Difference, Value } from "./entries.ts";
import { howFarOff } from "./how-far-off.ts";
import type { Obstacle } from "./obstacle.ts";

/** How an answer was judged; "unanswered" where there was none. */
export type Status = "passed" | "wrong" | "unanswered";

/** What `check` found. As the last value of a cell it shows itself. */
export class Verdict {
  readonly id: string;
  readonly title: string;
  readonly status: Status;
  /** The first entry that differs. */
  readonly difference: Difference | undefined;
  /** Why there is nothing to compare there: an exception, a promise, a value of another kind. */
  readonly instead: Obstacle | undefined;
  /** Whether the answer is one number: then it is said how far off it is, and not what it ought to be. */
  readonly isOneNumber: boolean;
  /** How many entries differ, of how many. */
  readonly wrong: number;
  readonly of: number;
  /** The mistake that explains what differs, if it is a known one. */
  readonly cause: string | undefined;
  /** Something to know besides: that the progress could not be saved. */
  readonly note: string | undefined;

  constructor(fields: Omit<Verdict, "passed" | "message">) {
    this.id = fields.id;
    this.title = fields.title;
    this.status = fields.status;
    this.difference = fields.difference;
    this.instead = fields.instead;
    this.isOneNumber = fields.isOneNumber;
    this.wrong = fields.wrong;
    this.of = fields.of;
    this.cause = fields.cause;
    this.note = fields.note;
  }

  get passed(): boolean {
    return this.status === "passed";
  }

  /** All of it as text: `✗ 03.2 db[0]: expected 2, got 2.8284`, and in further lines the cause. */
  get message(): string {
    return [this.#headline(), ...this.#details()].join("\n");
  }

  #headline(): string {
    const { id, title, status, difference } = this;
    if (status === "passed") return `✓ ${id} ${title}`;
    if (status === "unanswered") return `○ ${id} ${title}: not answered yet`;
    if (this.instead) return `✗ ${id} ${placeOf(this.instead)}${this.instead.says}`;
    const { label, expected, got } = difference!;
    if (this.isOneNumber && typeof expected === "number" && typeof got === "number") {
      return `✗ ${id} ${label}: got ${show(got, 5)}, ${howFarOff(expected, got)}`;
    }
    const [wanted, found] = shown(expected, got);
    const what = expected === undefined ? `not asked for, got ${found}` : `expected ${wanted}, got ${found}`;
    return `✗ ${id} ${label}: ${what}`;
  }

  #details(): string[] {
    const lines: string[] = [];
    const cause = this.cause ?? leftTheGraph(this.difference);
    if (cause) lines.push(`  ${sentence(cause)}.`);
    const where = (this.instead ?? this.difference)?.where;
    if (where) lines.push(`  for ${where}`);
    if (this.wrong > 1 && !this.instead)
      lines.push(`  ${this.wrong} of ${this.of} entries differ; this is the first`);
    if (this.status === "wrong" && !this.cause) lines.push(`  hint("${this.id}") helps`);
    if (this.note) lines.push(`  ${this.note}`);
    return lines;
  }
}

const COLOURS: Record<Status, string> = { passed: "#1a7f37", wrong: "#cf222e", unanswered: "#8a6d00" };

showAs(
  Verdict,
  (verdict): MimeBundle => {
    const [head, ...rest] = verdict.message.split("\n");
    const details = rest.map((line) => `<div>${escapeHtml(line.trim())}</div>`).join("");
    return {
      "text/plain": verdict.message,
      "text/html":
        `<div style="border-left:4px solid ${COLOURS[verdict.status]};padding:4px 10px">` +
        `<strong>${escapeHtml(head)}</strong>${details}</div>`,
    };
  },
  (verdict) => verdict.message,
);

/** Whether no gradient came back to an input at all, and why that is. */
function leftTheGraph(difference: Difference | undefined): string | undefined {
  if (!difference || difference.got !== undefined || difference.where === "") return undefined;
  const input = /^∂L\/∂(.+)\.shape$/.exec(difference.label)?.[1];
  if (input === undefined) return undefined;
  return `no gradient came back to ${input}: the answer was computed outside the graph, by detach, noGrad, data, item or toArray`;
}

/** Begins with a capital letter, unless what it begins with is a name or a symbol: z, da_n, db, backward[t]. */
function sentence(cause: string): string {
  const isWord = /^(a (?!(and|is|or) )|(?!d[a-z] )[a-z-]{2,}[,:;]? (?!=))/.test(cause);
  return isWord ? cause[0].toUpperCase() + cause.slice(1) : cause;
}

/** An exception says itself whose it is; of anything else it is said where it stands. */
function placeOf({ part, threw }: Obstacle): string {
  if (part === "") return threw ? "" : "the answer: ";
  return `${part}: `;
}

/** Both values with as many digits as are needed to tell them apart. */
function shown(expected: Value, got: Value): [string, string] {
  if (typeof expected !== "number" || typeof got !== "number") return [show(expected, 5), show(got, 5)];
  for (let digits = 4; digits < 17; digits++) {
    const pair: [string, string] = [show(expected, digits), show(got, digits)];
    if (pair[0] !== pair[1]) return pair;
  }
  return [String(expected), String(got)];
}

function show(value: Value, digits: number): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(Number(value.toPrecision(digits)));
  return typeof value === "string" && !value.startsWith("[") ? JSON.stringify(value) : String(value);
}
