/**
 * `npm run bench -- micro`: what one op of the tape costs, starting the kernels, the products of every tier, generating
 * text, counting n-grams. Plain JavaScript on the built bundle, as a user gets it. Usage: node micro.js BUNDLE
 */
import { pathToFileURL } from "node:url";
import v8 from "node:v8";
import { Bench } from "tinybench";
import { useFastSimd } from "../../src/kernels/wasm/flags.ts";
import type { Unrolled } from "./workloads.ts";

export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

const TIERS = ["blas", "wasm/wide", "wasm/relaxed", "wasm/plain", "reference"] as const;

/** Milliseconds of the fastest of the calls made in `budget` milliseconds: other work makes them slower only. */
function fastest(work: () => void, budget: number = 500): number {
  const bench = new Bench({ time: budget, iterations: 1, warmupTime: 0, warmupIterations: 1, throws: true });
  const [{ result }] = bench.add("work", work).runSync();
  if (!("latency" in result)) throw new Error(`the measurement ended as "${result.state}"`);
  return result.latency.min;
}

async function measure(bundle: string): Promise<Measurement[]> {
  useFastSimd(process, v8.setFlagsFromString);
  const begun = performance.now();
  const u = (await import(pathToFileURL(bundle).href)) as Unrolled;
  const imported = performance.now();
  u.kernels.info();
  const started = performance.now();
  return [
    { name: 'import "unrolled"', value: imported - begun, unit: "ms" },
    { name: "start of the kernels, self-test included", value: started - imported, unit: "ms" },
    ...tape(u),
    ...generation(u),
    ngrams(u),
    ...products(u),
  ];
}

/** A chain of small additions: what an op costs besides its sums. */
function tape(u: Unrolled): Measurement[] {
  const OPS = 1000;
  const x = u.tensor([1, 2, 3, 4], { requiresGrad: true });
  const chain = () => {
    let y = x;
    for (let i = 0; i < OPS; i++) y = u.ops.add(y, x);
    return y.sum();
  };
  const forward = fastest(chain);
  const both = fastest(() => chain().backward());
  const silent = fastest(() => u.noGrad(chain));
  const micro = (ms: number) => (ms / OPS) * 1000;
  return [
    { name: "op on 4 elements, no gradient", value: micro(silent), unit: "µs" },
    { name: "op on 4 elements, recorded", value: micro(forward), unit: "µs" },
    { name: "op on 4 elements, there and back", value: micro(both), unit: "µs" },
  ];
}

function generation(u: Unrolled): Measurement[] {
  const LENGTH = 500;
  const corpus = u.text.corpusFromText(alphabet(u, 5000));
  return (["rnn", "lstm", "gru"] as const).map((cell) => {
    const model = new u.lm.RecurrentLM({ cell, vocabulary: corpus.vocabulary, hiddenSize: 256, seed: 1 });
    const ms = fastest(() => void model.generate({ length: LENGTH, prompt: "a", seed: 1 }));
    return { name: `generation, ${cell} of 256`, value: (LENGTH / ms) * 1000, unit: "tokens/s" };
  });
}

function ngrams(u: Unrolled): Measurement {
  const corpus = u.text.corpusFromText(alphabet(u, 1_000_000), { split: { fractions: [1, 0] } });
  const ms = fastest(() => void u.lm.NGramCounts.of(corpus, { order: 8 }), 1);
  return { name: "n-grams of order 8 of a million characters", value: ms / 1000, unit: "s" };
}

/** Text whose letters depend on the two before, so that its n-grams repeat as those of a language do. */
function alphabet(u: Unrolled, length: number): string {
  const random = new u.Generator("bench text");
  const letters = "abcdefghijklmnopqrstuvwxyz ,.\n";
  let [a, b] = [0, 0];
  let text = letters;
  while (text.length < length) {
    [a, b] = [b, (7 * a + 3 * b + Math.floor(6 * random.uniform() ** 3)) % letters.length];
    text += letters[b];
  }
  return text.slice(0, length);
}

function products(u: Unrolled): Measurement[] {
  const SIZE = 512;
  const matrix = () => u.fromData(new Float32Array(SIZE * SIZE).fill(0.5), [SIZE, SIZE]);
  const [a, b] = [matrix(), matrix()];
  return TIERS.flatMap((tier) => {
    try {
      u.kernels.use(tier);
    } catch (error) {
      if (!(error instanceof u.UnrolledError)) throw error;
      return [];
    }
    const ms = u.noGrad(() => fastest(() => void u.ops.matmul(a, b)));
    return [{ name: `[512,512] @ [512,512], ${tier}`, value: (2 * SIZE ** 3) / ms / 1e6, unit: "GF/s" }];
  });
}

measure(process.argv[2]).then(
  (measurements) => process.stdout.write(`${JSON.stringify(measurements)}\n`),
  (error: unknown) => {
    process.stderr.write(`${(error as Error)?.stack ?? error}\n`);
    process.exitCode = 1;
  },
);
