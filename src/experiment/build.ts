import { lm, nn, optim, text } from "../index.ts";
import type { CorpusConfig, ExperimentConfig, InitConfig, ModelConfig, ScheduleConfig } from "./config.ts";

export type TrainableLM = lm.RecurrentLM | lm.FixedWindowLM;

/** Everything that `lm.train` needs, made from a configuration. */
export interface Parts {
  corpus: text.Corpus;
  model: TrainableLM;
  optimizer: optim.Optimizer;
  schedule: optim.Schedule | undefined;
  options: Omit<lm.TrainOptions, "optimizer">;
}

/** @throws {ArgumentError} | {DataError} as the constructors do, with the name of the run before the message. */
export function buildParts(config: ExperimentConfig): Parts {
  const corpus = makeCorpus(config.corpus);
  const model = makeModel(config.model, corpus);
  const optimizer = makeOptimizer(config, model.parameters());
  return {
    corpus,
    model,
    optimizer,
    schedule: makeSchedule(config.schedule, optimizer),
    options: trainOptions(config),
  };
}

export function makeCorpus(corpus: ExperimentConfig["corpus"]): text.Corpus {
  if (typeof corpus === "string") return text.loadCorpus(corpus);
  const { source, ...options } = corpus satisfies CorpusConfig;
  return text.loadCorpus(source, options);
}

export function makeModel(config: ModelConfig, corpus: text.Corpus): TrainableLM {
  const init = config.init && initialValues(config.init);
  const model =
    config.type === "RecurrentLM"
      ? new lm.RecurrentLM({ ...config, corpus, init })
      : new lm.FixedWindowLM({ ...config, corpus, init });
  holdBias(model, config);
  return model;
}

const SECOND_BIAS = /(^|\.)bias_hh/;

/** Takes the second bias vectors out of the training, if the configuration says so; after loading, again. */
export function holdBias(model: TrainableLM, { init }: ModelConfig): void {
  if (!init?.oneBias) return;
  for (const [name, parameter] of model.namedParameters()) {
    if (SECOND_BIAS.test(name)) parameter.requiresGrad = false;
  }
}

type Init = NonNullable<lm.NeuralLMOptions["init"]>;

/** The initial value of each parameter by its name and shape; undefined keeps the layer's default. */
function initialValues({ uniform, std, embeddingStd, zeroBias, oneBias, fanIn }: InitConfig): Init {
  return (name, parameter, generator) => {
    const isEmbedding = name === "embedding.weight";
    if (isEmbedding && embeddingStd !== undefined) return nn.init.normal(generator, embeddingStd);
    if (zeroBias && parameter.ndim === 1) return nn.init.constant(0);
    if (oneBias && SECOND_BIAS.test(name)) return nn.init.constant(0);
    if (std !== undefined) return nn.init.normal(generator, std);
    if (uniform !== undefined) return nn.init.uniform(generator, uniform);
    if (fanIn && parameter.ndim === 2 && !isEmbedding) {
      return nn.init.normal(generator, 1 / Math.sqrt(parameter.shape[1]));
    }
    return undefined;
  };
}

type Maker = (parameters: readonly nn.Parameter[], options: { lr: number }) => optim.Optimizer;
const OPTIMIZERS: Readonly<Record<string, Maker>> = {
  SGD: (parameters, options) => new optim.SGD(parameters, options),
  Adagrad: (parameters, options) => new optim.Adagrad(parameters, options),
  RMSprop: (parameters, options) => new optim.RMSprop(parameters, options),
  Adam: (parameters, options) => new optim.Adam(parameters, options),
  AdamW: (parameters, options) => new optim.AdamW(parameters, options),
};

function makeOptimizer(
  { optimizer }: ExperimentConfig,
  parameters: readonly nn.Parameter[],
): optim.Optimizer {
  const { type, ...options } = optimizer;
  // Which options a type has, and that they are numbers, was checked by the schema.
  return OPTIMIZERS[type](parameters, options as { lr: number });
}

export function makeSchedule(
  config: ScheduleConfig | undefined,
  optimizer: optim.Optimizer,
): optim.Schedule | undefined {
  if (!config) return undefined;
  switch (config.type) {
    case "StepLR":
      return new optim.StepLR(optimizer, own(config));
    case "ExponentialLR":
      return new optim.ExponentialLR(optimizer, own(config));
    case "CosineAnnealingLR":
      return new optim.CosineAnnealingLR(optimizer, own(config));
    case "ReduceLROnPlateau":
      return new optim.ReduceLROnPlateau(optimizer, own(config));
    case "decayAfter":
      // Steps are counted from 0: the first `after` ones run at the first rate.
      return new optim.LambdaLR(optimizer, (step) => config.factor ** Math.max(0, step - config.after + 1));
  }
}

/** The options of the schedule itself, which refuses others. */
function own<C extends { type: string; per?: string }>({
  type: _,
  per: __,
  ...options
}: C): Omit<C, "type" | "per"> {
  return options;
}

function trainOptions({ name, training = {}, schedule }: ExperimentConfig): Parts["options"] {
  const { checkpointEvery: _, ...options } = training;
  return { ...options, name, schedulePer: schedule?.per };
}
