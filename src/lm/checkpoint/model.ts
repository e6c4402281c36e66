import type { Tensor } from "../../autograd/tensor.ts";
import { CheckpointError, describe } from "../../errors.ts";
import { type Level, type Tokenizer, tokenizerFor } from "../../text/tokenizers.ts";
import { Vocabulary, type VocabularyJSON } from "../../text/vocabulary.ts";
import { FixedWindowLM, type FixedWindowLMOptions } from "../neural/fixed-window-lm.ts";
import type { NeuralLM } from "../neural/neural-lm.ts";
import { RecurrentLM, type RecurrentLMOptions } from "../neural/recurrent-lm.ts";

/** How a model is described in a checkpoint; its weights stand beside it. */
export interface ModelRecord {
  config: Readonly<Record<string, unknown>>;
  vocabulary: VocabularyJSON;
  /** `own`: not one of this library's, so that it must be given again. */
  tokenizer: { unit: string; end: string | null; own: boolean } | null;
}

export type LoadableLM = RecurrentLM | FixedWindowLM;

/** @throws {CheckpointError} for a model that `load` could not make again. */
export function expectLoadable(model: NeuralLM): void {
  if (model instanceof RecurrentLM || model instanceof FixedWindowLM) return;
  throw new CheckpointError(
    `a checkpoint holds a RecurrentLM or a FixedWindowLM, not a ${describe(model).replace(/^a /, "")}; for other ` +
      "models use lm.saveTensors(path, model.stateDict())",
  );
}

export function describeModel(model: NeuralLM): ModelRecord {
  const { config, vocabulary, tokenizer } = model;
  return {
    config: { ...config },
    vocabulary: vocabulary.toJSON(),
    tokenizer: tokenizer && { unit: tokenizer.unit, end: tokenizer.end, own: !isKnown(tokenizer) },
  };
}

/** Makes the model, with weights that are still to be loaded. `tensors` are those of the file. */
export function makeModel(
  { config, vocabulary, tokenizer }: ModelRecord,
  tensors: ReadonlyMap<string, Tensor>,
  given: Tokenizer | undefined,
): LoadableLM {
  expectPlausible(config, tensors);
  const options = {
    ...config,
    vocabulary: Vocabulary.fromJSON(vocabulary),
    tokenizer: given ?? (tokenizer ? knownTokenizer(tokenizer) : undefined),
    seed: 0, // every parameter is loaded, and so are the generators
  };
  if (config.model === "RecurrentLM") return new RecurrentLM(options as RecurrentLMOptions);
  if (config.model === "FixedWindowLM") return new FixedWindowLM(options as FixedWindowLMOptions);
  throw new CheckpointError(`unknown model ${describe(config.model)}`);
}

/** A damaged size must not make the model try to fill the memory. */
function expectPlausible(config: ModelRecord["config"], tensors: ReadonlyMap<string, Tensor>): void {
  const most = Math.max(tensors.size, ...[...tensors.values()].flatMap((x) => [...x.shape]));
  for (const [name, value] of Object.entries(config)) {
    if (typeof value === "number" && !(value <= most)) {
      throw new CheckpointError(`${name} is ${value}, more than any size among the weights`);
    }
  }
}

const LEVELS: Readonly<Record<string, Level>> = {
  character: "char",
  word: "word",
  syllable: "syllable",
  jamo: "jamo",
};

function knownTokenizer({ unit, end, own }: NonNullable<ModelRecord["tokenizer"]>): Tokenizer {
  if (own) {
    throw new CheckpointError(
      `the model has a tokenizer of its own (one token = one ${unit}); give it: lm.load(path, { tokenizer })`,
    );
  }
  if (!Object.hasOwn(LEVELS, unit)) throw new CheckpointError(`unknown unit of tokens ${describe(unit)}`);
  return tokenizerFor(LEVELS[unit], end ?? undefined);
}

/** Whether the tokenizer that `load` would make cuts as this one does: tried on a text with all that they treat differently. */
function isKnown(tokenizer: Tokenizer): boolean {
  const { unit, end } = tokenizer;
  if (!Object.hasOwn(LEVELS, unit)) return false;
  const known = tokenizerFor(LEVELS[unit], end ?? undefined);
  const probe = `  Two  Words,\ttab; e\u0301 é \ud55c \u1112\u1161\u11ab A.b\n\n${end ?? ""} last`;
  try {
    const [a, b] = [tokenizer, known].map((t) => [t.fragment(probe), t.detokenize(t.fragment(probe))]);
    return JSON.stringify(a) === JSON.stringify(b);
  } catch {
    return false; // it cannot read every text, as ours can
  }
}
