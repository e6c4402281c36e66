import type { Generator } from "../../random.ts";
import { countCodePoints } from "../../text/code-points.ts";
import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";

const syllable = (g: Generator) => String.fromCodePoint(0xac00 + g.int(11_172));
const syllableWith = (final: number, g: Generator) =>
  String.fromCodePoint(0xac00 + FINALS * g.int(399) + final);
const FINALS = 28;
const VOWELS = 21;
const RIEUL = 8;

/** Some syllables, emojis and spaces; every second text in NFD. */
const written = (g: Generator): string => {
  const pieces = Array.from({ length: 3 + g.int(3) }, () => syllable(g) + g.choice(["", " ", "😀"]));
  return `${pieces.join("")}😀`.normalize(g.choice(["NFC", "NFD"]));
};

const nfc = (text: string) => countCodePoints(text.normalize("NFC"));
const nfd = (text: string) => countCodePoints(text.normalize("NFD"));

type LengthsOf = (text: string) => { characters: number; jamo: number };
const lengths: LengthsOf = (text) => ({ characters: nfc(text), jamo: nfd(text) });

const number = (text: string) => text.codePointAt(0)! - 0xac00;
const takenApart = (text: string) => {
  const n = number(text);
  return [Math.floor(n / (VOWELS * FINALS)), Math.floor(n / FINALS) % VOWELS, n % FINALS];
};

/** 으로, or 로 after the finals of these numbers. */
const directionBy =
  (...short: readonly number[]) =>
  (noun: string): string =>
    noun + (short.includes((noun.charCodeAt(noun.length - 1) - 0xac00) % FINALS) ? "로" : "으로");

type BitsOf = (loss: number, text: string) => number;
const bitsPerSyllable: BitsOf = (loss, text) => (loss * nfd(text)) / nfc(text) / Math.LN2;

const comparable = {
  nfd: true,
  compatibility: false,
  bytes: true,
  unk: false,
  initials: false,
  reversed: true,
};

type PaidOf = (nll: number, characters: number, unknowns: number, K: number) => number;
const paid: PaidOf = (nll, characters, unknowns, K) =>
  (nll / Math.LN2 + unknowns * Math.log2(K)) / characters;

export const lecture15: readonly Exercise[] = [
  {
    id: "15.1",
    title: "How long is this text?",
    expected: () => lengths,
    probe: onInputs((g) => [written(g)], { names: ["written"], tries: 6 }),
    mistakes: [
      {
        wrong: (): LengthsOf => (text) => ({
          characters: text.normalize("NFC").length,
          jamo: text.normalize("NFD").length,
        }),
        says: "you counted UTF-16 units: `length` counts an emoji twice. [...text] goes by code points",
      },
      {
        wrong: (): LengthsOf => (text) => ({ characters: countCodePoints(text), jamo: nfd(text) }),
        says: "the text may come in NFD: compose it before you count its characters",
      },
      {
        wrong: (): LengthsOf => (text) => ({ characters: nfc(text), jamo: countCodePoints(text) }),
        says: "the text may come in NFC: decompose it before you count its jamo",
      },
      {
        wrong: (): LengthsOf => (text) => ({ characters: text.length, jamo: text.normalize("NFD").length }),
        says: "you counted UTF-16 units, and took the text for NFC",
      },
      {
        wrong: (): LengthsOf => (text) => ({ characters: nfd(text), jamo: nfc(text) }),
        says: "NFC and NFD are exchanged: C composes, D decomposes",
      },
    ],
    hints: [
      "text.normalize(…) gives a normal form; which is the one with whole syllables?",
      "[...text].length counts code points, text.length does not.",
    ],
  },
  {
    id: "15.2",
    title: "받침 arithmetic",
    expected: () => takenApart,
    probe: onInputs((g) => [syllable(g)], { names: ["syllable"], tries: 8 }),
    mistakes: [
      {
        wrong: () => (text: string) => {
          const n = number(text);
          return [Math.floor(n / (VOWELS * 27)), Math.floor(n / 27) % VOWELS, n % 27];
        },
        says: "you divided by 27: with “no final” there are 28 finals",
      },
      {
        wrong: () => (text: string) => {
          const n = number(text);
          return [Math.floor(n / (VOWELS * FINALS)), n % VOWELS, n % FINALS];
        },
        says: "the vowel is the remainder by 21 of what is left after the division by 28, not of n",
      },
      {
        wrong: () => (text: string) => {
          const n = text.codePointAt(0)!;
          return [Math.floor(n / (VOWELS * FINALS)), Math.floor(n / FINALS) % VOWELS, n % FINALS];
        },
        says: "you forgot to subtract 0xAC00, the code of 가",
      },
      {
        wrong: () => (text: string) => {
          const n = number(text);
          return [Math.floor(n / (VOWELS * FINALS)), Math.floor(n / FINALS), n % FINALS];
        },
        says: "the quotient by 28 is 21 ℓ + v; the vowel is its remainder by 21",
      },
      {
        wrong: () => (text: string) => {
          const n = number(text);
          return [n / (VOWELS * FINALS), (n / FINALS) % VOWELS, n % FINALS];
        },
        says: "these are fractions; the numbers of the letters are whole, rounded down",
      },
      {
        wrong: () => (text: string) => [...takenApart(text)].reverse(),
        says: "the order is initial, vowel, final",
      },
    ],
    hints: [
      "n = code − 0xAC00 = (21 ℓ + v)·28 + t. What is the remainder of n by 28?",
      "v = ⌊n / 28⌋ mod 21, ℓ = ⌊n / 588⌋.",
    ],
  },
  {
    id: "15.3",
    title: "Towards the bookshop",
    expected: () => directionBy(0, RIEUL),
    // Vowels, ㄷ, ㄹ and any other final.
    probe: onInputs((g) => [syllable(g) + syllableWith(g.choice([0, RIEUL - 1, RIEUL, g.int(FINALS)]), g)], {
      names: ["noun"],
      tries: 16,
    }),
    mistakes: [
      {
        wrong: () => directionBy(0),
        says: "ㄹ is the exception: after it the short form 로 stands, as after a vowel (길로)",
      },
      {
        wrong: () => directionBy(...Array.from({ length: FINALS - 1 }, (_, i) => i + 1)),
        says: "the forms are exchanged: 로 stands after a vowel",
      },
      {
        wrong: () => directionBy(0, RIEUL - 1),
        says: "the finals are counted from 0 for “none”: ㄹ is number 8, not 7 (which is ㄷ)",
      },
      {
        wrong: () => (noun: string) =>
          noun + ([0, RIEUL].includes((noun.charCodeAt(0) - 0xac00) % FINALS) ? "로" : "으로"),
        says: "you looked at the first syllable; the last one decides",
      },
    ],
    hints: [
      "Only the final of the last syllable counts: the remainder by 28.",
      "0 is a vowel, 8 is ㄹ: both take 로.",
    ],
  },
  {
    id: "15.4",
    title: "From nats per jamo to bits per syllable",
    expected: () => bitsPerSyllable,
    probe: onInputs((g) => [g.uniform(1, 2), written(g)], { names: ["loss", "written"], tries: 6 }),
    mistakes: [
      {
        wrong: (): BitsOf => (loss) => loss / Math.LN2,
        says: "these are bits per jamo: the total was divided by the number of jamo, not of syllables",
      },
      {
        wrong: (): BitsOf => (loss, text) => (loss * nfd(text)) / nfc(text),
        says: "these are nats per syllable; a nat is 1/ln 2 bits",
      },
      {
        wrong: (): BitsOf => (loss, text) => ((loss * nfd(text)) / nfc(text)) * Math.LN2,
        says: "you multiplied by ln 2; a nat is 1/ln 2 = 1.44 bits, so divide by it",
      },
      {
        wrong: (): BitsOf => (loss, text) => (loss * nfd(text)) / text.length / Math.LN2,
        says: "you divided by UTF-16 units: an emoji counts twice, and in NFD each letter counts",
      },
      {
        wrong: (): BitsOf => (loss, text) =>
          (loss * text.normalize("NFD").length) / text.normalize("NFC").length / Math.LN2,
        says: "you counted UTF-16 units: `length` counts an emoji twice",
      },
      {
        wrong: (): BitsOf => (loss, text) => (loss * nfc(text)) / nfd(text) / Math.LN2,
        says: "the ratio is upside down: a syllable costs more than a jamo",
      },
    ],
    hints: [
      "The total in nats is loss · (number of jamo).",
      "Divide the total by ln 2 and by the number of code points of the NFC.",
    ],
  },
  {
    id: "15.5",
    title: "Which of these may be compared?",
    expected: () => comparable,
    mistakes: [
      {
        wrong: () => ({ ...comparable, compatibility: true }),
        says: "아ㅋㅋ and 앜ㅋ are spelled alike with keyboard letters: the mapping is not injective",
      },
      {
        wrong: () => ({ ...comparable, unk: true }),
        says: "all texts that differ in rare syllables only become one row of tokens",
      },
      {
        wrong: () => ({ ...comparable, bytes: false }),
        says: "UTF-8 can be decoded: different texts have different bytes",
      },
      {
        wrong: () => ({ ...comparable, reversed: false }),
        says: "a text can be read off its reversal; only the order of the factors changes",
      },
      {
        wrong: () => ({ ...comparable, nfd: false }),
        says: "NFC brings a text back from its NFD",
      },
      {
        wrong: () => ({ ...comparable, initials: true }),
        says: "책방 and 초보 (a beginner) have the same initials: vowels and finals are lost",
      },
    ],
    hints: [
      "Injective: from what the model sees the text can be recovered, without doubt.",
      "Look for two texts that become the same. Three of the six have such a pair.",
    ],
  },
  {
    id: "15.6",
    title: "Paying for the unknown",
    expected: () => paid,
    probe: onInputs((g) => [2.5 * (900 + g.int(200)), 1000, 20 + g.int(60), 10_000 + g.int(900)], {
      names: ["nll", "characters", "unknowns", "K"],
    }),
    mistakes: [
      {
        wrong: (): PaidOf => (nll, characters) => nll / Math.LN2 / characters,
        says: "<unk> is not paid for: thousands of texts share these tokens",
      },
      {
        wrong: (): PaidOf => (nll, characters, _unknowns, K) => (nll / Math.LN2 + Math.log2(K)) / characters,
        says: "each <unk> has to be spelled, not one for all",
      },
      {
        wrong: (): PaidOf => (nll, characters, unknowns, K) => (nll + unknowns * Math.log(K)) / characters,
        says: "these are nats; a nat is 1/ln 2 bits",
      },
      {
        wrong: (): PaidOf => (nll, characters, unknowns, K) => (nll + unknowns * Math.log2(K)) / characters,
        says: "nats and bits are added: nll is in nats, log₂ K in bits",
      },
      {
        wrong: (): PaidOf => (nll, _characters, unknowns, K) => nll / Math.LN2 + unknowns * Math.log2(K),
        says: "these are the bits of the whole text; divide by its number of characters",
      },
      {
        wrong: (): PaidOf => (nll, characters, unknowns) => nll / Math.LN2 / (characters - unknowns),
        says: "leaving the unknown out of the count scores another text than the other model's",
      },
    ],
    hints: [
      "To say which of K equally probable characters it was takes log₂ K bits.",
      "Bits of the tokens, plus unknowns · log₂ K, over the number of characters.",
    ],
  },
];
