import { ArgumentError, describe, expectNumber } from "../errors.ts";
import type { Generator } from "../random.ts";
import type { Pair } from "./pairs.ts";
import type { StringSource } from "./source.ts";
import { type Filling, type Slot, templateSource } from "./template.ts";

/** Korean particles whose form depends on the last sound before them. */
export type Particle = "topic" | "subject" | "object" | "and";

/** Particles with two forms: after a final consonant, and after a vowel. */
export const PARTICLES: Readonly<Record<Particle, readonly [closed: string, open: string]>> = {
  topic: ["은", "는"],
  subject: ["이", "가"],
  object: ["을", "를"],
  and: ["과", "와"],
};

/**
 * Whether a word ends in a closed syllable (one with a 받침): syllable code 0xAC00 + (initial·21 + vowel)·28 + final.
 * @throws {ArgumentError} if its last character is no Hangul syllable.
 */
export function hasFinalConsonant(word: string): boolean {
  const code = (word.codePointAt(word.length - 1) ?? 0) - 0xac00;
  if (!(code >= 0 && code <= 0xd7a3 - 0xac00)) {
    throw new ArgumentError(`hasFinalConsonant: ${describe(word)} does not end in a Hangul syllable`);
  }
  return code % 28 !== 0;
}

/** The noun with the right form: ("책", "topic") → "책은", ("나무", "topic") → "나무는". */
export function withParticle(noun: string, particle: Particle): string {
  if (!Object.hasOwn(PARTICLES, particle)) {
    const known = Object.keys(PARTICLES).join('", "');
    throw new ArgumentError(`withParticle: the particle must be "${known}", got ${describe(particle)}`);
  }
  return noun + PARTICLES[particle][hasFinalConsonant(noun) ? 0 : 1];
}

const PEOPLE = ["선생님", "할머니", "동생", "친구", "아이", "이장님", "누나", "형", "기사님", "아주머니"];
const ACTIONS: readonly (readonly [objects: readonly string[], verbs: readonly string[]])[] = [
  [
    ["책", "편지", "신문", "시", "일기", "소설"],
    ["읽었다", "썼다"],
  ],
  [
    ["밥", "사과", "감자", "떡", "국수", "빵"],
    ["먹었다", "나누었다"],
  ],
  [
    ["문", "창문", "상자", "가방", "서랍", "봉투"],
    ["열었다", "닫았다"],
  ],
  [
    ["꽃", "나무", "별", "바다", "그림", "눈"],
    ["보았다", "그렸다"],
  ],
];
const THINGS = ["책", "나무", "꽃", "바다", "문", "사과", "별", "편지", "감자", "창문"];
const QUALITIES = ["작다", "크다", "예쁘다", "새롭다", "오래되었다"];
const TIMES = ["아침에", "저녁에", "오늘", "어제"];

const letters = (...texts: readonly string[]): Filling[] => texts.map((text) => ({ symbols: [...text] }));

/**
 * Short Korean sentences with particles: "어제 할머니는 편지를 읽었다." "그 꽃이 예쁘다." A symbol is a syllable, a
 * space or the full stop. The form of each particle follows from the syllable before it.
 */
export function particleSentences(): StringSource {
  const actor: Slot = (kind) =>
    kind === "action"
      ? letters(
          ...PEOPLE.flatMap((noun) => [
            `${withParticle(noun, "topic")} `,
            `${withParticle(noun, "subject")} `,
          ]),
        )
      : letters(
          ...THINGS.flatMap((noun) => [
            `${withParticle(noun, "topic")} `,
            `${withParticle(noun, "subject")} `,
          ]),
        );
  return templateSource({
    name: "particles",
    about: "Korean sentences with 은/는, 이/가, 을/를, by syllables",
    slots: [
      () => [
        ...TIMES.map((time) => ({ symbols: [...`${time} `], remember: "action" })),
        { symbols: [..."그 "], weight: TIMES.length, remember: "quality" },
      ],
      actor,
      (kind) =>
        kind === "quality"
          ? []
          : ACTIONS.flatMap(([objects, verbs]) =>
              letters(...objects.map((noun) => `${withParticle(noun, "object")} `)).map((filling) => ({
                ...filling,
                remember: verbs.join(" "),
              })),
            ),
      (kind) => letters(...(kind === "quality" ? QUALITIES : kind.split(" ")).map((verb) => `${verb}.`)),
    ],
  });
}

/**
 * A sentence and what becomes of it when each particle has the wrong form with probability `errors`: for correction.
 * `source` may be wrong, `target` is right.
 */
export function particleErrors(sentence: string, errors: number, generator: Generator): Pair {
  expectNumber(errors, "particleErrors: errors", { min: 0, max: 1 });
  const wrong = sentence.replace(
    /([가-힣])(은|는|이|가|을|를|과|와)(?=[ .])/g,
    (whole, before: string, form: string) => {
      const forms = Object.values(PARTICLES).find((forms) => forms.includes(form))!;
      // Only a particle that is right as it stands; a word that happens to end so is left alone where it shows.
      if (forms[hasFinalConsonant(before) ? 0 : 1] !== form) return whole;
      return generator.uniform() < errors ? before + forms.find((other) => other !== form) : whole;
    },
  );
  return { source: wrong, target: sentence };
}
