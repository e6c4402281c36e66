import { data, Generator } from "../../src/index.ts";

const LINES = 12;
const SEED = 1;

type Writer = (generator: Generator) => string;
const times =
  (line: Writer): Writer =>
  (generator) =>
    Array.from({ length: LINES }, () => `${line(generator)}\n`).join("");
const strings = (source: data.StringSource, separator = ""): Writer =>
  times((generator) =>
    (source.endless ? source.stream(60, generator) : source.sample(generator)).join(separator),
  );
const pairs = (task: data.PairTask): Writer =>
  times((generator) => {
    const { source, target } = task.sample(generator);
    return `${source}\t${target}`;
  });

/** One sequence a line: its steps, a tab, its answer. */
const sequences = (task: data.Task<data.LabelledBatch>, show: (id: number) => string): Writer =>
  times((generator) => {
    const { x, y } = task.batch(1, generator);
    const text = (ids: Int32Array) => (ids.length > 1 ? [...ids].map(show).join("") : String(ids[0]));
    return `${text(x)}\t${text(y)}`;
  });

const { combinations, dates, dyck, farCue, numberWords, sentiment } = data;
const copyTask = data.copy({ delay: 20, count: 5 });

/** What stands in `datasets/samples/`: for each file how it is drawn, from a generator with the file's name. */
export const SAMPLES: Readonly<Record<string, Writer>> = {
  "reber.txt": strings(data.reber()),
  "embedded-reber.txt": strings(data.embeddedReber()),
  "elman.txt": strings(data.elman()),
  "dyck-1.txt": strings(dyck()),
  "dyck-2.txt": strings(dyck({ kinds: 2 })),
  "anbn.txt": strings(data.anbn()),
  "sticky-chain.txt": strings(data.stickyChain()),
  "far-cue-9.txt": strings(farCue(), " "),
  "far-cue-30.txt": strings(farCue({ distance: 30 }), " "),
  "combinations-train.txt": strings(combinations().train, " "),
  "combinations-held-out.txt": strings(combinations().heldOut, " "),
  "sentiment.txt": times((generator) => {
    const { words, label } = sentiment().sample(generator);
    return `${label}\t${words.join(" ")}`;
  }),
  "particles.txt": times((generator) => {
    const { source, target } = data.particleErrors(
      data.particleSentences().sample(generator).join(""),
      0.3,
      generator,
    );
    return `${source}\t${target}`;
  }),
  "number-words-en.txt": pairs(numberWords({ max: 99_999 })),
  "number-words-ko.txt": pairs(numberWords({ language: "ko", max: 99_999 })),
  "dates-en.txt": pairs(dates()),
  "dates-ko.txt": pairs(dates({ language: "ko" })),
  "copy.txt": sequences(copyTask, (id) => "01234567_!"[id]),
  "temporal-order.txt": sequences(data.temporalOrder({ length: 40 }), (id) => "XYabcd"[id]),
  "adding.txt": times((generator) => {
    const { x, y } = data.adding({ length: 10 }).batch(1, generator);
    const steps = Array.from(
      { length: 10 },
      (_, t) => `${x[2 * t].toFixed(4)}${x[2 * t + 1] === 1 ? "*" : ""}`,
    );
    return `${steps.join(" ")}\t${y[0].toFixed(4)}`;
  }),
  "captions.txt": times((generator) => data.captions().batch(1, generator).captions[0].join(" ")),
};

export function sample(file: string): string {
  return SAMPLES[file](new Generator(SEED).fork(file));
}
