import { escapeHtml } from "../../text/table.ts";

/** How far a training is. */
export interface Progress {
  step: number;
  totalSteps: number;
  epoch: number;
  epochs: number;
  loss: number;
  validLoss?: number;
  tokensPerSecond: number;
  /** Seconds left, estimated; 0 at the end. */
  remaining: number;
}

/** Shows progress. `end` shows the last state, without times, so that it is the same in every run. */
export interface ProgressReporter {
  update(progress: Progress): void;
  end(progress: Progress, how: "finished" | "interrupted"): void;
}

/** The notebook kernel's way to show a value, if there is one. */
interface DisplayHook {
  show(value: unknown, options: { id?: string; update: boolean }): void;
}

const WIDTH = 24;
let displays = 0;

/** One display in a notebook, a line on a terminal, nothing elsewhere. */
export function defaultReporter(): ProgressReporter | null {
  const hook = (globalThis as Record<symbol, unknown>)[Symbol.for("unrolled.display")] as
    | DisplayHook
    | undefined;
  if (hook) return notebookReporter(hook);
  const { process } = globalThis;
  return process?.stderr?.isTTY ? terminalReporter((text) => process.stderr.write(text)) : null;
}

function notebookReporter(hook: DisplayHook): ProgressReporter {
  const id = `unrolled-progress-${++displays}`;
  let shown = false;
  const show = (progress: Progress, ending?: string): void => {
    const plain = line(progress, ending);
    const bundle = {
      "text/plain": plain,
      "text/html":
        `<div><progress max="${progress.totalSteps}" value="${progress.step}" aria-label="training"></progress> ` +
        `<span>${escapeHtml(details(progress, ending))}</span></div>`,
    };
    hook.show({ [Symbol.for("Jupyter.display")]: () => bundle }, { id, update: shown });
    shown = true;
  };
  return { update: (progress) => show(progress), end: (progress, how) => show(progress, how) };
}

/** One line that is written over, for terminals. */
export function terminalReporter(write: (text: string) => void): ProgressReporter {
  return {
    update: (progress) => write(`\r\u001b[K${line(progress)}`),
    end: (progress, how) => write(`\r\u001b[K${line(progress, how)}\n`),
  };
}

function line(progress: Progress, ending?: string): string {
  const filled = Math.round((WIDTH * progress.step) / Math.max(1, progress.totalSteps));
  return `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${details(progress, ending)}`;
}

function details(p: Progress, ending?: string): string {
  const parts = [
    `${ending ? `${ending} at ` : ""}step ${p.step}/${p.totalSteps}`,
    `epoch ${p.epoch}/${p.epochs}`,
    `loss ${p.loss.toFixed(4)}`,
    `perplexity ${Math.exp(p.loss).toFixed(2)}`,
  ];
  if (p.validLoss !== undefined) parts.push(`valid perplexity ${Math.exp(p.validLoss).toFixed(2)}`);
  if (!ending)
    parts.push(
      `${Math.round(p.tokensPerSecond).toLocaleString("en")} tokens/s`,
      `${clock(p.remaining)} left`,
    );
  return parts.join(" · ");
}

function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const s = Math.round(seconds);
  return s < 60 ? `${s} s` : `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")} min`;
}
