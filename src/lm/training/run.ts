import type { Parameter } from "../../nn/module.ts";
import { Generator } from "../../random.ts";
import type { Corpus } from "../../text/corpus.ts";
import { save } from "../checkpoint/checkpoint.ts";
import { type EpochRecord, History, type StepRecord } from "../history.ts";
import type { BatchSource } from "../neural/batch.ts";
import { switchMode } from "../neural/mode.ts";
import type { NeuralLM } from "../neural/neural-lm.ts";
import { allFinite, DivergenceError, firstNotFinite } from "./divergence.ts";
import { type SettledOptions, settle, type TrainOptions } from "./options.ts";
import { Meter } from "./progress.ts";
import { copyWeights, freshState, partsOf, putWeights, resumedState, settingsOf } from "./resume.ts";
import type { TrainingState } from "./state.ts";
import { takeStep } from "./step.ts";
import { interruptRequested, Turns } from "./turns.ts";

/** One call of `train`. Between any two steps its state is complete, whatever a callback throws. */
export class Run {
  readonly #model: NeuralLM;
  readonly #corpus: Corpus;
  readonly #options: SettledOptions;
  readonly #parameters: ReadonlyMap<string, Parameter>;
  readonly #params: readonly Parameter[];
  readonly #batches: BatchSource;
  readonly #history: History;
  readonly #state: TrainingState;
  readonly #meter: Meter;
  readonly #turns = new Turns();
  #stopping = false;
  /** Something happened that the checkpoint does not hold yet. */
  #unsaved = false;
  #epochTime = { begun: performance.now(), training: 0, tokens: 0 };

  constructor(model: NeuralLM, corpus: Corpus, given: TrainOptions) {
    const options = settle(given, model, corpus);
    const { batchSize, bptt, seed, resume } = options;
    this.#model = model;
    this.#corpus = corpus;
    this.#options = options;
    this.#parameters = model.namedParameters();
    this.#params = [...this.#parameters.values()];
    this.#batches = model.batches(corpus.train, { batchSize, bptt, generator: new Generator(seed) });
    const settings = settingsOf(options, corpus);
    const parts = partsOf(this.#params, options);
    if (resume) {
      this.#state = resumedState(resume, settings, parts);
      this.#batches.restore(this.#state.position);
      model.restoreGenerators(this.#state.generators);
      const { lastWeights } = this.#state;
      if (lastWeights.length > 0) putWeights(this.#params, lastWeights);
      this.#state.lastWeights = [];
    } else {
      const [position, generators] = [this.#batches.state(), model.generatorStates()];
      this.#state = freshState({ settings, parts, position, generators });
    }
    this.#history = resume ?? new History(options.name);
    this.#history.interrupted = false;
    this.#history.state = this.#state;
    this.#meter = new Meter(options.progress, this.#state);
  }

  async toTheEnd(): Promise<History> {
    const { keepBest, checkpoint } = this.#options;
    const restoreMode = switchMode(this.#model, true);
    let how: "finished" | "interrupted" | "failed" = "failed";
    try {
      await this.#trainOn();
      how = this.#isComplete() ? "finished" : "interrupted";
      this.#history.interrupted = how === "interrupted";
      if (keepBest) this.#putBest();
      if (checkpoint && this.#unsaved) this.#writeCheckpoint(checkpoint.path);
    } catch (error) {
      this.#history.interrupted = true;
      throw error;
    } finally {
      restoreMode();
      this.#state.parts = partsOf(this.#params, this.#options);
      this.#meter.end(this.#history, this.#totals(), how);
    }
    return this.#history;
  }

  async #trainOn(): Promise<void> {
    while (!this.#isComplete() && !this.#mustStop()) {
      if (!this.#epochIsRead()) {
        const record = this.#step();
        await this.#options.onStep?.(record, this.#history);
      }
      // Not an else: the epoch may have been read by the step above, or by a call that was interrupted in its validation.
      const epochEnds = this.#epochIsRead() && (await this.#endEpoch());
      if (this.#checkpointIsDue(epochEnds)) this.#writeCheckpoint(this.#options.checkpoint!.path);
      this.#meter.update(this.#history, this.#totals());
      await this.#turns.next();
    }
  }

  #step(): StepRecord {
    const { carryState, schedule, schedulePer } = this.#options;
    const [state, time] = [this.#state, this.#epochTime];
    const begun = performance.now();
    const batch = this.#batches.next();
    const before = carryState ? state.carried : null;
    const result = takeStep(this.#model, this.#params, batch, before, this.#options, (what) =>
      this.#diverged(`at step ${state.step + 1} ${what}`, "The parameters are those before this step."),
    );
    const seconds = Math.max((performance.now() - begun) / 1000, 1e-6);
    const { loss, gradNorm, lr, carried } = result;
    state.carried = carried;
    state.step++;
    state.stepInEpoch++;
    state.tokens += batch.targets;
    state.epochNll += loss * batch.targets;
    state.epochTokens += batch.targets;
    state.position = this.#batches.state();
    state.generators = this.#model.generatorStates();
    time.training += seconds;
    time.tokens += batch.targets;
    const { step, epoch, tokens } = state;
    const record = { step, epoch, tokens, loss, gradNorm, lr, tokensPerSecond: batch.targets / seconds };
    this.#history.steps.push(record);
    this.#unsaved = true;
    if (schedulePer === "step") schedule?.step(loss);
    return record;
  }

  /** False if the validation was interrupted; then it is done when the training is resumed. */
  async #endEpoch(): Promise<boolean> {
    const { schedule, schedulePer, keepBest, onEpoch, validate } = this.#options;
    const [state, time] = [this.#state, this.#epochTime];
    const validLoss = validate ? await this.#validationLoss() : undefined;
    if (validLoss === null) return false;
    const { epoch, step, tokens } = state;
    const steps = this.#history.steps.filter((record) => record.epoch === epoch);
    const record: EpochRecord = {
      epoch,
      step,
      tokens,
      trainLoss: state.epochNll / state.epochTokens,
      ...(validLoss === undefined ? {} : { validLoss }),
      gradNorm: steps.reduce((sum, { gradNorm }) => sum + gradNorm, 0) / steps.length,
      lr: steps[steps.length - 1].lr,
      ...(time.tokens > 0 ? { tokensPerSecond: time.tokens / time.training } : {}),
      seconds: (performance.now() - time.begun) / 1000,
    };
    this.#history.epochs.push(record);
    const watched = record.validLoss ?? record.trainLoss;
    if (!state.best || watched < state.best.loss) {
      state.best = { loss: watched, epoch, waited: 0 };
      if (keepBest) state.bestWeights = copyWeights(this.#params);
    } else state.best.waited++;
    state.epoch++;
    state.stepInEpoch = 0;
    state.epochNll = 0;
    state.epochTokens = 0;
    this.#epochTime = { begun: performance.now(), training: 0, tokens: 0 };
    this.#unsaved = true;
    if (schedulePer === "epoch") schedule?.step(watched);
    await onEpoch?.(record, this.#history);
    return true;
  }

  /** The loss on the whole validation text, null if it was interrupted. */
  async #validationLoss(): Promise<number | null> {
    const pieces = this.#model.evaluationInPieces(this.#corpus.valid);
    let piece = pieces.next();
    while (!piece.done) {
      if (this.#mustStop()) return null;
      await this.#turns.next();
      piece = pieces.next();
    }
    const { nll, tokens } = piece.value;
    if (!Number.isFinite(nll))
      throw this.#diverged(`after step ${this.#state.step} the validation loss is ${nll}`);
    return nll / tokens;
  }

  #epochIsRead(): boolean {
    return this.#state.stepInEpoch === this.#batches.stepsPerEpoch;
  }

  #isComplete(): boolean {
    const { epochs, maxSteps, patience = Infinity } = this.#options;
    const { epoch, step, best } = this.#state;
    return (
      epoch > epochs ||
      (step >= maxSteps && !this.#epochIsRead()) ||
      (best !== null && best.waited >= patience)
    );
  }

  #mustStop(): boolean {
    this.#stopping ||= this.#options.signal?.aborted === true || interruptRequested();
    return this.#stopping;
  }

  /** Gives the model the weights of the best epoch; the last ones stay in the state. */
  #putBest(): void {
    const { best, bestWeights, epoch, stepInEpoch } = this.#state;
    const isLast = best?.epoch === epoch - 1 && stepInEpoch === 0;
    if (bestWeights.length === 0 || isLast) return;
    this.#state.lastWeights = copyWeights(this.#params);
    putWeights(this.#params, bestWeights);
    this.#unsaved = true;
  }

  #checkpointIsDue(epochEnds: boolean): boolean {
    const { checkpoint } = this.#options;
    if (!checkpoint || !this.#unsaved) return false;
    const { everySteps, everyEpochs = everySteps ? Infinity : 1 } = checkpoint;
    const { step, epoch } = this.#state;
    return (
      (everySteps !== undefined && step % everySteps === 0) || (epochEnds && (epoch - 1) % everyEpochs === 0)
    );
  }

  #writeCheckpoint(path: string): void {
    // The file may hold the last weights that were of use.
    if (this.#params.some((p) => !allFinite(p.data))) {
      throw this.#diverged(
        `after step ${this.#state.step} a parameter is not finite`,
        `The checkpoint "${path}" was left as it is.`,
      );
    }
    const { optimizer, schedule } = this.#options;
    this.#state.parts = partsOf(this.#params, this.#options);
    save(path, { model: this.#model, optimizer, schedule, history: this.#history });
    this.#unsaved = false;
  }

  #diverged(what: string, remark: string = ""): DivergenceError {
    const where = firstNotFinite(this.#parameters);
    const last = this.#history.steps.at(-1);
    const before = last ? `; step ${last.step} had loss ${last.loss}, gradient norm ${last.gradNorm}` : "";
    return new DivergenceError(
      `train: ${what}${where ? `; first in ${where}` : ""}${before}. ${remark ? `${remark} ` : ""}` +
        "Try a smaller learning rate, or clipNorm.",
      this.#history,
    );
  }

  #totals(): { steps: number; epochs: number } {
    const { epochs, maxSteps } = this.#options;
    return { steps: Math.min(maxSteps, epochs * this.#batches.stepsPerEpoch), epochs };
  }
}
