import type { Optimizer } from "../../optim/optimizer.ts";
import type { Schedule } from "../../optim/schedules.ts";
import type { EpochRecord, History, StepRecord } from "../history.ts";
import type { ProgressReporter } from "./progress.ts";

export interface TrainOptions {
  /** Made from `model.parameters()`. */
  optimizer: Pick<Optimizer, "step" | "zeroGrad" | "lr" | "groups">;
  /** Passes over the training text; default 1. */
  epochs?: number;
  /** Ends after this many steps, within an epoch if need be. */
  maxSteps?: number;
  /** B; default 32. */
  batchSize?: number;
  /** T, the window of truncated BPTT, for recurrent models; default 35. */
  bptt?: number;
  /** Carry the hidden state from window to window (default), or begin each with zeros. */
  carryState?: boolean;
  /** Scale the gradient so that its norm is at most this. */
  clipNorm?: number;
  /** Limit each element of the gradient to ± this. */
  clipValue?: number;
  schedule?: Schedule;
  /** Call `schedule.step` after each epoch (default; with the validation loss) or after each step. */
  schedulePer?: "epoch" | "step";
  /**
   * Which loss is differentiated: the mean over the window's targets, or their sum over the T steps averaged over the
   * batch, as some papers do. What is reported is always the mean.
   */
  reduction?: "mean" | "sumOverTime";
  /** Evaluate on `corpus.valid` after each epoch; default: if there is any. */
  validate?: boolean;
  /** Stop when the validation loss has not improved for this many epochs. */
  patience?: number;
  /** After training put back the weights of the epoch with the best validation loss. */
  keepBest?: boolean;
  /** Save to this path (see `lm.save`) after so many steps or epochs (default: each epoch), and at the end. */
  checkpoint?: { path: string; everySteps?: number; everyEpochs?: number };
  /** The seed of the order of examples, for models without time; default 0. */
  seed?: number | string;
  /** Called after each step and each epoch. May be asynchronous. */
  onStep?: (record: StepRecord, history: History) => void | Promise<void>;
  onEpoch?: (record: EpochRecord, history: History) => void | Promise<void>;
  /** Ends the training after the step in hand. */
  signal?: AbortSignal;
  /** Continues the training that this history records, exactly where it ended. */
  resume?: History;
  /** Names the history in plots and tables. */
  name?: string;
  /** false: quiet; default: a bar on a terminal, one display in a notebook, nothing elsewhere. */
  progress?: boolean | ProgressReporter;
}
