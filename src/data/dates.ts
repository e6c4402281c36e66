import { ArgumentError, describe, expectNumber, expectOptions } from "../errors.ts";
import { PairTask } from "./pairs.ts";

const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const KOREAN_DAYS = "일월화수목금토";
const DAY_MS = 86_400_000;

/** A day of the Gregorian calendar, month 1 … 12, weekday 0 (Sunday) … 6. */
interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
}

/** 1 → "1st". */
function ordinal(day: number): string {
  const teen = day >= 11 && day <= 13;
  return day + (teen ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th"));
}

type Format = (day: Day) => string;
const [full, short] = [
  (month: number) => MONTHS[month - 1],
  (month: number) => MONTHS[month - 1].slice(0, 3),
];

/** Only forms that can be read in one way: 03/04/2026 is left out. */
const FORMATS: Readonly<Record<DateLanguage, readonly Format[]>> = {
  en: [
    (d) => `${d.day} ${full(d.month)} ${d.year}`,
    (d) => `${full(d.month)} ${d.day}, ${d.year}`,
    (d) => `${short(d.month)} ${d.day}, ${d.year}`,
    (d) => `${d.day} ${short(d.month)} ${d.year}`,
    (d) => `${full(d.month)} ${ordinal(d.day)}, ${d.year}`,
    (d) => `the ${ordinal(d.day)} of ${full(d.month)} ${d.year}`,
    (d) => `${DAYS[d.weekday]}, ${full(d.month)} ${d.day}, ${d.year}`,
    (d) => `${DAYS[d.weekday]} ${d.day} ${short(d.month)} ${d.year}`,
  ],
  ko: [
    (d) => `${d.year}년 ${d.month}월 ${d.day}일`,
    (d) => `${d.year}. ${d.month}. ${d.day}.`,
    (d) => `${d.year}년 ${d.month}월 ${d.day}일 ${KOREAN_DAYS[d.weekday]}요일`,
    (d) => `${d.year}. ${d.month}. ${d.day}.(${KOREAN_DAYS[d.weekday]})`,
  ],
};

/** Languages in which dates are written: English, Korean. */
export type DateLanguage = "en" | "ko";

/** Options of `dates`. */
export interface DatesOptions {
  /** Default "en". */
  language?: DateLanguage;
  /** The first and the last year, 1583 … 9999; default 1900 and 2099. */
  from?: number;
  to?: number;
}

/**
 * Dates as people write them → ISO 8601: "Saturday, November 21, 2026" → "2026-11-21". One item for each day of the
 * years; the form is drawn. Weekdays are right, and all forms can be read in one way only.
 */
export function dates(options: DatesOptions = {}): PairTask {
  const {
    language = "en",
    from = 1900,
    to = 2099,
  } = expectOptions(options, ["language", "from", "to"], "dates");
  if (!Object.hasOwn(FORMATS, language)) {
    throw new ArgumentError(`dates: language must be "en" or "ko", got ${describe(language)}`);
  }
  expectNumber(to, "dates: to", { integer: true, min: 1583, max: 9999 });
  expectNumber(from, "dates: from", { integer: true, min: 1583, max: to });
  const first = Date.UTC(from, 0, 1);
  return new PairTask({
    name: "dates",
    about: `dates of ${from} to ${to} as they are written (${language}) → ISO 8601`,
    size: (Date.UTC(to + 1, 0, 1) - first) / DAY_MS,
    pair: (item, generator) => {
      const date = new Date(first + item * DAY_MS);
      const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
      const write = generator.choice(FORMATS[language]);
      return {
        source: write({ year, month, day, weekday: date.getUTCDay() }),
        target: iso(year, month, day),
      };
    },
    solve,
  });
}

const iso = (year: number, month: number, day: number) =>
  `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;

/** Reads a date of any of the forms. */
function solve(source: string): string {
  const name = MONTHS.findIndex((month) =>
    new RegExp(`\\b${month.slice(0, 3)}`).test(source.replace(/^[A-Z]\w+day,? /, "")),
  );
  const numbers = (source.match(/\d+/g) ?? []).map(Number);
  const korean = numbers.length === 3 ? numbers : undefined;
  const english = numbers.length === 2 && name >= 0 ? [numbers[1], name + 1, numbers[0]] : undefined;
  const [year, month, day] = korean ?? english ?? [];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (!(date.getUTCMonth() === month - 1 && date.getUTCDate() === day)) {
    throw new ArgumentError(`dates: ${describe(source)} is no date in a form of this task`);
  }
  return iso(year, month, day);
}
