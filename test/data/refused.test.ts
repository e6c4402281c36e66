import * as library from "../../src/index.ts";
import { ArgumentError, DataError } from "../../src/index.ts";
import { type Anything, assertAllRefused, type Refusal } from "../refusals.ts";

const given = library as unknown as Anything;
const { text, lm, data, Generator } = given;

const g = new Generator(1);
const corpus = text.corpusFromText("abc ".repeat(60), { split: { fractions: [0.8, 0.2] } });
const ngram = new lm.NGramLM(corpus, { order: 2 });

const refusals: Refusal[] = [
  [() => data.anbn({ more: 1 }), ArgumentError, /^anbn: more/],
  [() => data.dyck({ kinds: 0 }), ArgumentError, /^dyck: kinds/],
  [() => data.dyck({ open: 0.5 }), ArgumentError, /^dyck: open/],
  [() => data.dyck({ kind: 2 }), ArgumentError, /^dyck: there is no option "kind"/],
  [() => data.dates({ language: "fr" }), ArgumentError, /^dates: language/],
  [() => data.dates({ from: 2000, to: 1999 }), ArgumentError, /^dates: from/],
  [() => data.farCue({ distance: 1 }), ArgumentError, /^farCue: distance/],
  [() => data.film({ length: 1 }), ArgumentError, /^film: length/],
  [() => data.film().batch(0, g), ArgumentError, /^film\.batch: size/],
  [() => data.film().batch(1), ArgumentError, /^film\.batch: the generator/],
  [() => data.numberToWords(-5.5), ArgumentError, /^numberToWords\("en"\)/],
  [() => data.numberToWords(5, "fr"), ArgumentError, /^number words: language/],
  [() => data.wordsToNumber("five-ish"), ArgumentError, /^number words: "ish" is no English number word/],
  [() => data.numberWords({ from: "x" }), ArgumentError, /^numberWords: from/],
  [
    () => data.recognise(["a"], { vocabulary: ["b"], generator: g, confusions: 1 }),
    ArgumentError,
    /^recognise: "a" is not in the vocabulary/,
  ],
  [() => data.similarWords("zz", ["a"], 1), ArgumentError, /^recognise: "zz" is not in the vocabulary/],
  [() => data.combinations({ heldOut: 0 }), ArgumentError, /^combinations: heldOut/],
  [() => data.adding({ length: 1 }), ArgumentError, /^adding: length/],
  [() => data.copy({ length: 0 }), ArgumentError, /^copy: there is no option "length"/],
  [() => data.temporalOrder({ length: 1 }), ArgumentError, /^temporalOrder: length/],
  [() => data.adding({ length: 20 }).batch(0, g), ArgumentError, /^batch: size/],
  [() => data.adding({ length: 20 }).batch(2), ArgumentError, /^batch: the generator/],
  [() => data.stickyChain({ stay: 2 }), ArgumentError, /^stickyChain: there is no option "stay"/],
  [() => data.spellingChannel({ errors: 2 }), ArgumentError, /^spellingChannel: errors/],
  [() => data.captions({ noise: -1 }), ArgumentError, /^captions: noise/],
  [() => data.articleErrors("a cat", 2, g), ArgumentError, /^articleErrors: errors/],
  [() => data.particleErrors("a", 2, g), ArgumentError, /^particleErrors: errors/],
  [() => data.withParticle("집", "x"), ArgumentError, /^withParticle: the particle/],
  [() => data.regret(ngram, data.reber(), []), DataError, /^regret: there are no strings/],
  [() => data.optimalModel(), ArgumentError, /^optimalModel: the source/],
  [
    () => data.dates().split({ train: 1e9, valid: 1, generator: g }),
    ArgumentError,
    /^dates: 1000000001 pairs were asked for, but there are 73049 different items/,
  ],
  [() => data.dates().split({ train: 1, valid: 1 }), ArgumentError, /^dates\.split: the generator/],
  [() => data.reber().sample?.(), ArgumentError, /^Reber: drawing: the generator/],
  [
    () => data.dialogue().solve("what?"),
    ArgumentError,
    /^dialogue: "what\?" is nothing that is said in this task/,
  ],
  [
    () => data.translation().solve?.("what?"),
    ArgumentError,
    /^translation: "what\?" is no sentence of this task/,
  ],
];

describe("data: bad calls", () => {
  it(`${refusals.length} of them are refused, by name and with a remedy`, () => assertAllRefused(refusals));
});
