/** What a configuration may hold, field by field: the table behind its messages and its JSON Schema. */
import type { Field, Fields } from "./schema.ts";

const count = (says: string): Field => ({ type: "number", integer: true, min: 1, says });
const positive = (says: string): Field => ({ type: "number", above: 0, says });
const share = (says: string): Field => ({ type: "number", min: 0, max: 1, says });
const flag = (says: string): Field => ({ type: "boolean", says });
const text = (says: string): Field => ({ type: "string", says });
const choice = (says: string, ...of: string[]): Field => ({ type: "choice", says, of });

const per = choice("step the schedule after each epoch (default) or each step", "epoch", "step");
const dtype = choice("number format of the parameters; default float32", "float32", "float64");
const seed: Field = {
  type: "number",
  integer: true,
  min: 0,
  says: "seed of the initial weights and of dropout",
};
const init: Field = {
  type: "object",
  says: "initial values where they are not the layers' defaults",
  fields: {
    uniform: positive("U(-a, a) for every parameter"),
    std: positive("N(0, std²) for every parameter"),
    embeddingStd: positive("N(0, std²) for the embedding table"),
    zeroBias: flag("zero for every bias"),
    oneBias: flag("the second bias vector of recurrent layers stays zero"),
    fanIn: flag("N(0, 1 / fan-in) for every weight matrix but the embedding"),
  },
};
const common: Fields = {
  lr: positive("learning rate"),
  weightDecay: { type: "number", min: 0, says: "L2 penalty" },
};
const eps = positive("added outside the root");

const corpus: Field = {
  type: "either",
  says: "a name of the catalogue, a path, or an object with the options of text.loadCorpus",
  forms: [
    text("a name of the catalogue, or a path"),
    {
      type: "object",
      says: "the options of text.loadCorpus",
      required: ["source"],
      fields: {
        source: {
          type: "either",
          says: "a name, a path, or the paths of three files",
          forms: [
            text("a name of the catalogue, or a path"),
            {
              type: "object",
              says: "three files",
              required: ["train"],
              fields: { train: text("path"), valid: text("path"), test: text("path") },
            },
          ],
        },
        level: choice("what a token is; default char", "char", "word", "syllable", "jamo"),
        end: text("token that closes each line"),
        unknown: text("token that stands for rare ones"),
        minCount: count("tokens seen less often become unknown"),
        maxSize: count("at most so many tokens in the vocabulary"),
        split: {
          type: "object",
          says: "shares or counts of train, valid, test",
          fields: {
            fractions: { type: "list", says: "shares", item: share("a share") },
            counts: { type: "list", says: "numbers", item: count("a number") },
            by: choice("what is counted", "character", "token", "line"),
          },
        },
      },
    },
  ],
};

const model: Field = {
  type: "variants",
  says: "the model",
  by: "type",
  required: ["seed"],
  variants: {
    RecurrentLM: {
      seed,
      cell: choice("kind of recurrence; default rnn", "rnn", "lstm", "gru"),
      embeddingSize: {
        type: "number",
        integer: true,
        min: 1,
        nullable: true,
        says: "E; null: one-hot input",
      },
      hiddenSize: count("H; default 128"),
      numLayers: count("default 1"),
      dropout: {
        type: "number",
        min: 0,
        max: 0.999,
        says: "on input, between layers and on output; default 0",
      },
      tied: flag("output weights are the embedding table"),
      nonlinearity: choice("of the plain RNN", "tanh", "relu", "sigmoid"),
      resetAfter: flag("which GRU; default true, as PyTorch"),
      forgetBias: { type: "number", says: "forget-gate bias of an LSTM at the start" },
      dtype,
      init,
    },
    FixedWindowLM: {
      seed,
      window: count("n, tokens that it sees; default 3"),
      embeddingSize: count("m, numbers per token; default 16"),
      hiddenSize: count("h, hidden units; default 128"),
      direct: flag("a direct linear path to the logits"),
      dtype,
      init,
    },
  },
};

const optimizer: Field = {
  type: "variants",
  says: "the optimizer",
  by: "type",
  requiredOf: { SGD: ["lr"] },
  variants: {
    SGD: {
      ...common,
      momentum: share("momentum"),
      dampening: share("dampening"),
      nesterov: flag("Nesterov's form"),
    },
    Adagrad: { ...common, lrDecay: { type: "number", min: 0, says: "decay of the rate" }, eps },
    RMSprop: {
      ...common,
      alpha: share("share kept of the mean of squares"),
      momentum: share("momentum"),
      eps,
    },
    Adam: { ...common, beta1: share("decay of the first moment"), beta2: share("decay of the second"), eps },
    AdamW: { ...common, beta1: share("decay of the first moment"), beta2: share("decay of the second"), eps },
  },
};

const schedule: Field = {
  type: "variants",
  says: "how the learning rate changes",
  by: "type",
  requiredOf: {
    StepLR: ["stepSize"],
    ExponentialLR: ["gamma"],
    CosineAnnealingLR: ["tMax"],
    decayAfter: ["after", "factor"],
  },
  variants: {
    StepLR: { per, stepSize: count("every so many steps"), gamma: positive("times this") },
    ExponentialLR: { per, gamma: positive("times this at every step") },
    CosineAnnealingLR: { per, tMax: count("steps to the lowest rate"), etaMin: share("lowest rate") },
    ReduceLROnPlateau: { per, factor: share("times this"), patience: count("steps without improvement") },
    decayAfter: {
      per,
      after: { type: "number", integer: true, min: 0, says: "steps at the first rate" },
      factor: positive("times this at every later step"),
    },
  },
};

const training: Field = {
  type: "object",
  says: "the options of lm.train",
  fields: {
    epochs: count("passes over the training text; default 1"),
    maxSteps: count("ends after so many steps"),
    batchSize: count("B; default 32"),
    bptt: count("T, the window of truncated back-propagation; default 35"),
    carryState: flag("carry the state from window to window; default true"),
    clipNorm: positive("scale gradients whose norm is larger"),
    clipValue: positive("limit each element of the gradient"),
    reduction: choice("the loss that is differentiated; default mean", "mean", "sumOverTime"),
    validate: flag("evaluate after each epoch"),
    patience: count("stop after so many epochs without improvement"),
    keepBest: flag("end with the weights of the best epoch"),
    seed: { type: "number", integer: true, min: 0, says: "seed of the order of examples" },
    checkpointEvery: count("a checkpoint after so many steps, besides those after each epoch"),
  },
};

export const EXPERIMENT: Field = {
  type: "object",
  says: "One training: unrolled train CONFIG.json",
  required: ["name", "corpus", "model", "optimizer"],
  fields: {
    $schema: text("where this schema is"),
    name: text("names the run in plots and tables"),
    corpus,
    model,
    optimizer,
    schedule,
    training,
  },
};
