import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, expectNumber, TrainingError } from "../errors.ts";
import { clipGradNorm, clipGradValue, gradNorm } from "../optim/clip.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { Generator } from "../random.ts";
import type { Corpus } from "../text/corpus.ts";
import { save } from "./checkpoint/checkpoint.ts";
import { type EpochRecord, History, type StepRecord } from "./history.ts";
import type { Batch, BatchSource, NeuralLM } from "./neural/neural-lm.ts";
import type { RecurrentLM } from "./neural/recurrent-lm.ts";
import type { TrainOptions } from "./training/options.ts";
import { defaultReporter, type Progress, type ProgressReporter } from "./training/progress.ts";
import type { TrainingSettings, TrainingState } from "./training/state.ts";
import { interruptRequested, nextTurn, whileTraining } from "./training/turns.ts";

/** Progress is shown at most this often, in milliseconds. */
const SHOW_EVERY = 100;

/**
 * Trains a neural language model on `corpus.train` by gradient descent on the mean −ln p of the next token.
 *
 * An interrupt (of the notebook, of `signal`) ends it after the step in hand: it returns the history so far, and model
 * and optimizer are usable. Called again it trains on from the present weights with epochs counted anew; with
 * `resume: history` it continues exactly where it stopped.
 *
 * @throws {DataError} if the corpus is shorter than one batch needs.
 * @throws {TrainingError} when loss or gradient is NaN or infinite, with step, parameter and gradient norm; the
 *   parameters are those before that step.
 */
export async function train<B extends Batch, R>(
  model: NeuralLM<B, R>,
  corpus: Corpus,
  options: TrainOptions,
): Promise<History> {
  const run = new Run(model, corpus, options);
  return whileTraining(() => run.toTheEnd());
}

class Run<B extends Batch, R> {
  readonly #model: NeuralLM<B, R>;
  readonly #corpus: Corpus;
  readonly #options: TrainOptions;
  readonly #batches: BatchSource<B>;
  readonly #history: History;
  readonly #state: TrainingState;
  readonly #epochs: number;
  readonly #validate: boolean;
  readonly #params: Tensor[];
  #started = performance.now();
  #startedAt = { step: 0, tokens: 0 };

  constructor(model: NeuralLM<B, R>, corpus: Corpus, options: TrainOptions) {
    const {
      batchSize = 32,
      bptt = 35,
      epochs = 1,
      carryState = true,
      reduction = "mean",
      seed = 0,
      resume,
    } = options;
    expectNumber(batchSize, "train: batchSize", { integer: true, min: 1 });
    expectNumber(bptt, "train: bptt", { integer: true, min: 1 });
    this.#epochs = expectNumber(epochs, "train: epochs", { integer: true, min: 1 });
    if (options.maxSteps !== undefined)
      expectNumber(options.maxSteps, "train: maxSteps", { integer: true, min: 0 });
    if (!["mean", "sumOverTime"].includes(reduction))
      throw new ArgumentError(`train: reduction must be "mean" or "sumOverTime"`);
    if (!options.optimizer) throw new ArgumentError("train: give an optimizer made from model.parameters()");
    if (corpus.vocabulary.size !== model.vocabulary.size) {
      throw new ArgumentError(
        `train: the corpus has ${corpus.vocabulary.size} tokens in its vocabulary, the model ${model.vocabulary.size}`,
      );
    }
    this.#model = model;
    this.#corpus = corpus;
    this.#options = options;
    this.#validate = options.validate ?? corpus.valid.length > 1;
    this.#params = model.parameters();
    this.#batches = model.batches(corpus.train, { batchSize, bptt, generator: new Generator(seed) });
    const settings: TrainingSettings = {
      batchSize,
      bptt,
      carryState,
      reduction,
      seed: String(seed),
      corpus: {
        name: corpus.name,
        tokens: corpus.train.length,
        vocabulary: corpus.vocabulary.size,
        fingerprint: fingerprint(corpus.train),
      },
    };
    this.#history = resume ?? new History(options.name ?? "");
    this.#state = resume ? this.#continued(resume, settings) : freshState(settings);
    this.#history.interrupted = false;
  }

  async toTheEnd(): Promise<History> {
    const { maxSteps = Infinity, signal } = this.#options;
    const reporter = this.#reporter();
    const wasTraining = this.#model.training;
    this.#model.train();
    this.#started = performance.now();
    this.#startedAt = { step: this.#state.step, tokens: this.#state.tokens };
    let lastShown = -Infinity;
    try {
      while (this.#state.epoch <= this.#epochs && this.#state.step < maxSteps && !this.#outOfPatience()) {
        if (signal?.aborted || interruptRequested()) {
          this.#history.interrupted = true;
          break;
        }
        const record = this.#step();
        await this.#options.onStep?.(record, this.#history);
        const epochEnds = this.#state.stepInEpoch === this.#batches.stepsPerEpoch;
        if (epochEnds) await this.#endEpoch();
        this.#checkpoint(epochEnds);
        if (reporter && performance.now() - lastShown > SHOW_EVERY) {
          reporter.update(this.#progress());
          lastShown = performance.now();
        }
        await nextTurn();
      }
    } finally {
      this.#save();
      this.#model.train(wasTraining);
    }
    if (this.#options.checkpoint) this.#writeCheckpoint();
    if (this.#options.keepBest) this.#restoreBest();
    if (this.#history.steps.length > 0)
      reporter?.end(this.#progress(), this.#history.interrupted ? "interrupted" : "finished");
    return this.#history;
  }

  /** One step of the optimizer. */
  #step(): StepRecord {
    const {
      optimizer,
      clipNorm,
      clipValue,
      carryState = true,
      reduction,
      schedule,
      schedulePer = "epoch",
    } = this.#options;
    const state = this.#state;
    const begin = performance.now();
    const batch = this.#batches.next();
    optimizer.zeroGrad();
    const { loss, state: carried } = this.#model.lossOf(batch, carryState ? state.carried : null);
    const value = loss.item();
    if (!Number.isFinite(value)) throw this.#diverged(`the loss is ${value}`);
    (reduction === "sumOverTime" ? loss.mul(batch.steps) : loss).backward();
    const norm = clipNorm === undefined ? gradNorm(this.#params) : clipGradNorm(this.#params, clipNorm);
    if (!Number.isFinite(norm)) throw this.#diverged(`the gradient norm is ${norm}`);
    if (clipValue !== undefined) clipGradValue(this.#params, clipValue);
    const { lr } = optimizer;
    optimizer.step();
    if (schedule && schedulePer === "step") schedule.step(value);
    state.carried = carryState ? (carried?.detach() ?? null) : null;
    state.step++;
    state.stepInEpoch++;
    state.tokens += batch.targets;
    state.epochNll += value * batch.targets;
    state.epochTokens += batch.targets;
    const seconds = (performance.now() - begin) / 1000;
    const record: StepRecord = {
      step: state.step,
      epoch: state.epoch,
      tokens: state.tokens,
      loss: value,
      gradNorm: norm,
      lr,
      tokensPerSecond: batch.targets / seconds,
    };
    this.#history.steps.push(record);
    return record;
  }

  async #endEpoch(): Promise<void> {
    const state = this.#state;
    const { schedule, schedulePer = "epoch", keepBest, optimizer } = this.#options;
    const record: EpochRecord = {
      epoch: state.epoch,
      step: state.step,
      tokens: state.tokens,
      trainLoss: state.epochNll / state.epochTokens,
      lr: optimizer.lr,
      seconds: (performance.now() - this.#started) / 1000,
    };
    if (this.#validate) record.validLoss = this.#model.evaluate(this.#corpus.valid).nats;
    this.#history.epochs.push(record);
    const watched = record.validLoss ?? record.trainLoss;
    if (!state.best || watched < state.best.validLoss) {
      state.best = { validLoss: watched, epoch: state.epoch, waited: 0 };
      if (keepBest) state.bestWeights = this.#params.map((p) => p.clone().detach());
    } else state.best.waited++;
    if (schedule && schedulePer === "epoch") schedule.step(watched);
    state.epoch++;
    state.stepInEpoch = 0;
    state.epochNll = 0;
    state.epochTokens = 0;
    await this.#options.onEpoch?.(record, this.#history);
  }

  #outOfPatience(): boolean {
    return this.#options.patience !== undefined && (this.#state.best?.waited ?? 0) >= this.#options.patience;
  }

  #restoreBest(): void {
    this.#state.bestWeights.forEach((weights, i) => {
      this.#params[i].data.set(weights.data);
    });
  }

  #save(): void {
    this.#state.position = this.#batches.state();
    this.#state.generators = this.#model.generatorStates();
    this.#history.state = this.#state;
  }

  /** Writes a checkpoint where the options ask for one here. */
  #checkpoint(epochEnds: boolean): void {
    const { everySteps, everyEpochs = everySteps ? undefined : 1 } = this.#options.checkpoint ?? {
      everyEpochs: 0,
    };
    const { step, epoch } = this.#state;
    const due =
      (everySteps && step % everySteps === 0) ||
      (everyEpochs && epochEnds && (epoch - 1) % everyEpochs === 0);
    if (due) this.#writeCheckpoint();
  }

  #writeCheckpoint(): void {
    this.#save();
    save(this.#options.checkpoint!.path, {
      model: this.#model as unknown as RecurrentLM,
      optimizer: this.#options.optimizer as Optimizer,
      schedule: this.#options.schedule,
      history: this.#history,
    });
  }

  #continued(history: History, settings: TrainingSettings): TrainingState {
    const { state } = history;
    if (!state)
      throw new ArgumentError(
        "train: this history has no position to resume from; load it with its checkpoint",
      );
    for (const key of Object.keys(settings) as (keyof TrainingSettings)[]) {
      const [before, now] = [state.settings[key], settings[key]].map((v) => JSON.stringify(v));
      if (before !== now)
        throw new ArgumentError(`train: cannot resume: ${key} was ${before}, now it is ${now}`);
    }
    this.#batches.restore(state.position);
    this.#model.restoreGenerators(state.generators);
    return { ...state, best: state.best && { ...state.best } };
  }

  #diverged(what: string): TrainingError {
    const bad = [...this.#model.namedParameters()].find(([, p]) =>
      (p.grad ?? p).data.some((v) => !Number.isFinite(v)),
    );
    const where = bad
      ? `; first in ${bad[1].grad?.data.some((v) => !Number.isFinite(v)) ? "the gradient of " : ""}"${bad[0]}"`
      : "";
    return new TrainingError(
      `train: at step ${this.#state.step + 1} ${what}${where} (gradient norm ${gradNorm(this.#params)}). ` +
        "The parameters are those before this step. Try a smaller learning rate, or clipNorm.",
    );
  }

  #reporter(): ProgressReporter | null {
    const { progress = true } = this.#options;
    if (typeof progress === "object") return progress;
    return progress ? defaultReporter() : null;
  }

  #progress(): Progress {
    const { step, tokens } = this.#state;
    const totalSteps = Math.min(
      this.#options.maxSteps ?? Infinity,
      this.#epochs * this.#batches.stepsPerEpoch,
    );
    const seconds = (performance.now() - this.#started) / 1000;
    const done = step - this.#startedAt.step;
    return {
      step,
      totalSteps,
      epoch: this.#history.steps.at(-1)?.epoch ?? 1,
      epochs: this.#epochs,
      loss: this.#history.steps.at(-1)?.loss ?? Number.NaN,
      validLoss: this.#history.epochs.at(-1)?.validLoss,
      tokensPerSecond: (tokens - this.#startedAt.tokens) / seconds,
      remaining: done > 0 ? (seconds / done) * (totalSteps - step) : Number.NaN,
    };
  }
}

/** 32 bits of FNV-1a over the ids (Fowler, Noll & Vo 1991): tells one text from another, not for security. */
function fingerprint(ids: Int32Array): number {
  let hash = 0x811c9dc5;
  for (const id of ids) hash = Math.imul(hash ^ id, 0x01000193);
  return hash >>> 0;
}

function freshState(settings: TrainingSettings): TrainingState {
  return {
    step: 0,
    epoch: 1,
    stepInEpoch: 0,
    tokens: 0,
    epochNll: 0,
    epochTokens: 0,
    position: null,
    carried: null,
    generators: [],
    best: null,
    bestWeights: [],
    settings,
  };
}
