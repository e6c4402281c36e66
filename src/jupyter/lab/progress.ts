import type { LabUiProgress } from "./ensure-ui.ts";

/** Where progress is shown: `process.stderr`, or a part of it. */
export interface ProgressStream {
  isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Shows the progress of `ensureLabUi`: on a terminal in one line that changes, elsewhere one line for each step.
 * @example ensureLabUi({ onProgress: showProgress(process.stderr) })
 */
export function showProgress(stream: ProgressStream): (progress: LabUiProgress) => void {
  let last = "";
  return ({ step, message, done, total }) => {
    const line = `unrolled: ${message}`;
    if (!stream.isTTY) {
      if (line !== last) stream.write(`${line}\n`);
      last = line;
      return;
    }
    const count = total === undefined ? " …" : `: ${done} of ${total}`;
    // To the start of the line, and away with what a longer message has left.
    stream.write(step === "done" ? `\r\x1b[K${line}\n` : `\r\x1b[K${line}${count}`);
  };
}
