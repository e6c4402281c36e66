import { ArgumentError } from "../errors.ts";
import { withArticle } from "./articles.ts";
import { combination, type Pair, PairTask } from "./pairs.ts";
import { withParticle } from "./particles.ts";

type Word = readonly [english: string, korean: string];

const SUBJECTS: readonly Word[] = [
  ["teacher", "선생님"],
  ["child", "아이"],
  ["friend", "친구"],
  ["grandmother", "할머니"],
  ["student", "학생"],
  ["captain", "선장"],
  ["neighbour", "이웃"],
  ["baker", "제빵사"],
];

const ADJECTIVES: readonly Word[] = [
  ["", ""],
  ["old", "오래된"],
  ["new", "새"],
  ["small", "작은"],
  ["big", "큰"],
];

/** Base form, present, past; stem, present, past. */
type Verb = readonly [english: readonly [string, string, string], korean: readonly [string, string, string]];

/** Each verb of a group goes with each of its objects. */
const GROUPS: readonly { readonly verbs: readonly Verb[]; readonly objects: readonly Word[] }[] = [
  {
    verbs: [
      [
        ["read", "reads", "read"],
        ["읽지", "읽는다", "읽었다"],
      ],
      [
        ["borrow", "borrows", "borrowed"],
        ["빌리지", "빌린다", "빌렸다"],
      ],
    ],
    objects: [
      ["book", "책"],
      ["letter", "편지"],
      ["newspaper", "신문"],
      ["atlas", "지도책"],
    ],
  },
  {
    verbs: [
      [
        ["eat", "eats", "ate"],
        ["먹지", "먹는다", "먹었다"],
      ],
      [
        ["buy", "buys", "bought"],
        ["사지", "산다", "샀다"],
      ],
    ],
    objects: [
      ["apple", "사과"],
      ["potato", "감자"],
      ["pear", "배"],
      ["egg", "달걀"],
    ],
  },
  {
    verbs: [
      [
        ["open", "opens", "opened"],
        ["열지", "연다", "열었다"],
      ],
      [
        ["close", "closes", "closed"],
        ["닫지", "닫는다", "닫았다"],
      ],
    ],
    objects: [
      ["door", "문"],
      ["window", "창문"],
      ["box", "상자"],
      ["oven", "오븐"],
    ],
  },
  {
    verbs: [
      [
        ["see", "sees", "saw"],
        ["보지", "본다", "보았다"],
      ],
      [
        ["draw", "draws", "drew"],
        ["그리지", "그린다", "그렸다"],
      ],
    ],
    objects: [
      ["tree", "나무"],
      ["flower", "꽃"],
      ["house", "집"],
      ["island", "섬"],
    ],
  },
];

const SIZES = [SUBJECTS.length, ADJECTIVES.length, GROUPS.length, 4, 2, 2, 2, 2] as const;

/**
 * A small translation from English to Korean by words: "the teacher did not read an old book" → "선생님은 오래된 책을 읽지
 * 않았다". The verb goes to the end, "not" comes after it, particles follow the final consonant of their noun, and
 * articles have no counterpart. Every sentence has one translation.
 */
export function translation(): PairTask {
  return new PairTask({
    name: "translation",
    about: "short English sentences → Korean",
    size: SIZES.reduce((product, size) => product * size, 1),
    pair,
    solve(source) {
      const known = (table ??= allPairs());
      const target = known.get(source);
      if (target === undefined)
        throw new ArgumentError(
          `translation: "${source}" is no sentence of this task; use a source of one of its pairs`,
        );
      return target;
    },
  });
}

let table: Map<string, string> | undefined;

function allPairs(): Map<string, string> {
  const count = SIZES.reduce((product, size) => product * size, 1);
  return new Map(
    Array.from({ length: count }, (_, item) => pair(item)).map(({ source, target }) => [source, target]),
  );
}

function pair(item: number): Pair {
  const [who, how, group, what, which, past, negative, definite] = combination(item, SIZES);
  const [subject, adjective] = [SUBJECTS[who], ADJECTIVES[how]];
  const object = GROUPS[group].objects[what];
  const [[base, present, did], [stem, does, was]] = GROUPS[group].verbs[which];
  const noun = [adjective[0], object[0]].filter(Boolean).join(" ");
  const verb = negative ? `${past ? "did" : "does"} not ${base}` : past ? did : present;
  const ending = negative ? `${stem} ${past ? "않았다" : "않는다"}` : past ? was : does;
  return {
    source: `the ${subject[0]} ${verb} ${definite ? `the ${noun}` : withArticle(noun)}`,
    target: [withParticle(subject[1], "topic"), adjective[1], withParticle(object[1], "object"), ending]
      .filter(Boolean)
      .join(" "),
  };
}
