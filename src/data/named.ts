import type { Generator } from "../random.ts";
import { authors } from "./authors.ts";
import { combinations } from "./combinations.ts";
import { anbn, dyck } from "./counting.ts";
import { dates } from "./dates.ts";
import { dialogue } from "./dialogue.ts";
import { farCue } from "./far-cue.ts";
import { headlines } from "./headlines.ts";
import { numberWords } from "./number-words.ts";
import type { PairTask } from "./pairs.ts";
import { particleErrors, particleSentences } from "./particles.ts";
import { captions } from "./pictures.ts";
import { embeddedReber, reber } from "./reber.ts";
import { sentiment } from "./sentiment.ts";
import type { StringSource } from "./source.ts";
import { elman, stickyChain } from "./streams.ts";
import { adding, copy, type LabelledBatch, type Task, temporalOrder } from "./tasks.ts";
import { translation } from "./translation.ts";

/** Draws one line of text. */
export type LineWriter = (generator: Generator) => string;

const STREAM = 60;

const strings = (source: StringSource): LineWriter => {
  const separator = source.vocabulary.tokens.every((symbol) => [...symbol].length === 1) ? "" : " ";
  return (generator) =>
    (source.endless ? source.stream(STREAM, generator) : source.sample(generator)).join(separator);
};

const pairs =
  (task: PairTask): LineWriter =>
  (generator) => {
    const { source, target } = task.sample(generator);
    return `${source}\t${target}`;
  };

/** The steps of one sequence, a tab, its answer. */
const sequences =
  (task: Task<LabelledBatch>, symbols: string): LineWriter =>
  (generator) => {
    const { x, y } = task.batch(1, generator);
    const show = (ids: Int32Array) => [...ids].map((id) => symbols[id]).join("");
    return `${show(x)}\t${y.length === 1 ? y[0] : show(y)}`;
  };

function addingLine(): LineWriter {
  const task = adding({ length: 10 });
  return (generator) => {
    const { x, y } = task.batch(1, generator);
    const steps = Array.from(
      { length: task.length },
      (_, t) => x[2 * t].toFixed(4) + (x[2 * t + 1] > 0 ? "*" : ""),
    );
    return `${steps.join(" ")}\t${y[0].toFixed(4)}`;
  };
}

function sentimentLine(): LineWriter {
  const task = sentiment();
  return (generator) => {
    const { label, words } = task.sample(generator);
    return `${label}\t${words.join(" ")}`;
  };
}

function particleLine(): LineWriter {
  const right = strings(particleSentences());
  return (generator) => {
    const { source, target } = particleErrors(right(generator), 0.3, generator);
    return `${source}\t${target}`;
  };
}

function authorLine(): LineWriter {
  const { first, second } = authors();
  const lines = [first, second].map(strings);
  return (generator) => {
    const author = generator.int(2);
    return `${author + 1}\t${lines[author](generator)}`;
  };
}

function captionLine(): LineWriter {
  const task = captions();
  return (generator) => task.batch(1, generator).captions[0].join(" ");
}

/** What can be written down line by line, made when it is asked for. */
const LINES: Readonly<Record<string, () => LineWriter>> = {
  reber: () => strings(reber()),
  "embedded-reber": () => strings(embeddedReber()),
  elman: () => strings(elman()),
  "sticky-chain": () => strings(stickyChain()),
  "dyck-1": () => strings(dyck()),
  "dyck-2": () => strings(dyck({ kinds: 2 })),
  anbn: () => strings(anbn()),
  "far-cue-9": () => strings(farCue()),
  "far-cue-30": () => strings(farCue({ distance: 30 })),
  "combinations-train": () => strings(combinations().train),
  "combinations-held-out": () => strings(combinations().heldOut),
  sentiment: sentimentLine,
  particles: particleLine,
  authors: authorLine,
  translation: () => pairs(translation()),
  headlines: () => pairs(headlines()),
  dialogue: () => pairs(dialogue()),
  "number-words-en": () => pairs(numberWords({ max: 99_999 })),
  "number-words-ko": () => pairs(numberWords({ language: "ko", max: 99_999 })),
  "dates-en": () => pairs(dates()),
  "dates-ko": () => pairs(dates({ language: "ko" })),
  captions: captionLine,
  copy: () => sequences(copy({ delay: 20, count: 5 }), "01234567_!"),
  "temporal-order": () => sequences(temporalOrder({ length: 40 }), "XYabcd"),
  adding: addingLine,
};

/** The names that `lineWriter` knows. */
export const LINE_NAMES: readonly string[] = Object.keys(LINES);

/**
 * What draws the lines of a generated corpus by its name, for a file: one string, sentence or sequence a line; of pairs
 * the source, a tab and the target. undefined for another name.
 */
export function lineWriter(name: string): LineWriter | undefined {
  return Object.hasOwn(LINES, name) ? LINES[name]() : undefined;
}
