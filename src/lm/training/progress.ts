import { escapeHtml, formatCount } from "../../text/table.ts";
import type { History } from "../history.ts";

/** How far a training is. */
export interface Progress {
  step: number;
  /** Steps of the whole training, those before a resume included; early stopping may end it before. */
  totalSteps: number;
  epoch: number;
  epochs: number;
  /** Of the last step, in nats. */
  loss: number;
  /** Of the last validation. */
  validLoss?: number;
  /** Since this call of `train` began. */
  tokensPerSecond: number;
  /** Seconds left, estimated; NaN while unknown. */
  remaining: number;
}

/** How a training ended. */
export type Ending = "finished" | "interrupted" | "failed";

/** Shows progress. `end` shows the last state, without times, so that it is the same in every run. */
export interface ProgressReporter {
  update(progress: Progress): void;
  end(progress: Progress, how: Ending): void;
}

/** Progress is shown at most this often, in milliseconds. */
const SHOW_EVERY = 100;

/** Reports what a history records, from time to time. */
export class Meter {
  readonly #reporter: ProgressReporter | null;
  readonly #begun = performance.now();
  readonly #before: { readonly step: number; readonly tokens: number };
  #lastShown = -Infinity;

  constructor(
    progress: boolean | ProgressReporter = true,
    { step, tokens }: { step: number; tokens: number },
  ) {
    this.#reporter = typeof progress === "object" ? progress : progress ? defaultReporter() : null;
    this.#before = { step, tokens };
  }

  update(history: History, totals: { steps: number; epochs: number }): void {
    if (performance.now() - this.#lastShown < SHOW_EVERY) return;
    this.#reporter?.update(this.#progress(history, totals));
    this.#lastShown = performance.now();
  }

  /** Shows the last state, if there was any step. */
  end(history: History, totals: { steps: number; epochs: number }, how: Ending): void {
    if (history.steps.length > 0) this.#reporter?.end(this.#progress(history, totals), how);
  }

  #progress({ steps, epochs }: History, totals: { steps: number; epochs: number }): Progress {
    const { step, epoch, tokens, loss } = steps[steps.length - 1];
    const seconds = (performance.now() - this.#begun) / 1000;
    const done = step - this.#before.step;
    // A resume may ask for less than was done before.
    const totalSteps = Math.max(totals.steps, step);
    return {
      step,
      totalSteps,
      epoch,
      epochs: Math.max(totals.epochs, epoch),
      loss,
      validLoss: epochs.at(-1)?.validLoss,
      tokensPerSecond: (tokens - this.#before.tokens) / seconds,
      remaining: done > 0 ? (seconds / done) * (totalSteps - step) : Number.NaN,
    };
  }
}

/** The notebook kernel's way to show a value, if there is one. */
interface DisplayHook {
  show(value: unknown, options: { id?: string; update: boolean }): void;
}

/** One display in a notebook, a line on a terminal, nothing elsewhere. */
function defaultReporter(): ProgressReporter | null {
  const hook = (globalThis as Record<symbol, unknown>)[Symbol.for("unrolled.display")] as
    | DisplayHook
    | undefined;
  if (hook) return notebookReporter(hook);
  const { process } = globalThis;
  if (!process?.stderr?.isTTY) return null;
  return terminalReporter(
    (text) => process.stderr.write(text),
    () => process.stderr.columns,
  );
}

let displays = 0;

function notebookReporter(hook: DisplayHook): ProgressReporter {
  const id = `unrolled-progress-${++displays}`;
  let shown = false;
  const show = (progress: Progress, ending?: Ending): void => {
    const bundle = {
      "text/plain": line(progress, ending),
      "text/html":
        `<div><progress max="${progress.totalSteps}" value="${progress.step}" aria-label="training"></progress> ` +
        `<span>${escapeHtml(details(progress, ending))}</span></div>`,
    };
    hook.show({ [Symbol.for("Jupyter.display")]: () => bundle }, { id, update: shown });
    shown = true;
  };
  return { update: (progress) => show(progress), end: (progress, how) => show(progress, how) };
}

/** One line that is written over, for terminals; cut to their width, because a line that wraps cannot be. */
export function terminalReporter(write: (text: string) => void, width: () => number): ProgressReporter {
  const fitted = (text: string) => [...text].slice(0, width() - 1).join("");
  return {
    update: (progress) => write(`\r\u001b[K${fitted(line(progress))}`),
    end: (progress, how) => write(`\r\u001b[K${line(progress, how)}\n`),
  };
}

const WIDTH = 24;

function line(progress: Progress, ending?: Ending): string {
  const filled = Math.round((WIDTH * progress.step) / progress.totalSteps);
  return `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${details(progress, ending)}`;
}

function details(p: Progress, ending?: Ending): string {
  const parts = [
    `${ending ? `${ending} at ` : ""}step ${p.step}/${p.totalSteps}`,
    `epoch ${p.epoch}/${p.epochs}`,
    `loss ${p.loss.toFixed(4)}`,
    `perplexity ${Math.exp(p.loss).toFixed(2)}`,
  ];
  if (p.validLoss !== undefined) parts.push(`valid perplexity ${Math.exp(p.validLoss).toFixed(2)}`);
  if (!ending) {
    parts.push(`${formatCount(Math.round(p.tokensPerSecond))} tokens/s`, `${clock(p.remaining)} left`);
  }
  return parts.join(" · ");
}

function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const s = Math.round(seconds);
  const [hours, minutes] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  if (s < 60) return `${s} s`;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(s % 60)} h` : `${minutes}:${two(s % 60)} min`;
}
