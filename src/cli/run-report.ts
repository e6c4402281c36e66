import type { Outcome, RunOptions } from "../experiment/run.ts";
import { FILES } from "../experiment/run.ts";
import type { Interruption } from "./signals.ts";

/** On a terminal the library's own bar; in a log one line for each epoch. */
export function terminalProgress(epochs?: number): Pick<RunOptions, "progress" | "onEpoch"> {
  if (process.stderr.isTTY) return { progress: true };
  return {
    progress: {
      update: () => undefined,
      end: ({ step, totalSteps }, how) => process.stderr.write(`${how} at step ${step} of ${totalSteps}\n`),
    },
    onEpoch: ({ epoch, step, validLoss, tokensPerSecond }) => {
      const of = epochs === undefined ? "" : ` of ${epochs}`;
      const valid = validLoss === undefined ? "" : `, valid perplexity ${Math.exp(validLoss).toFixed(2)}`;
      const speed = tokensPerSecond === undefined ? "" : `, ${Math.round(tokensPerSecond)} tokens/s`;
      process.stderr.write(`epoch ${epoch}${of}, step ${step}${valid}${speed}\n`);
    },
  };
}

/** Prints how a run ended and where its files are. @returns the exit code. */
export function reportRun({ history, result }: Outcome, out: string, stop: Interruption): number {
  if (!result) {
    process.stdout.write(
      `interrupted after step ${history.steps.length}; nothing is lost.\nGo on with: unrolled resume ${out}\n`,
    );
    return stop.exitCode ?? 130;
  }
  const { name, epochs, steps, parameters, unit, evaluations, seconds } = result;
  process.stdout.write(
    `${name}: ${epochs} epochs, ${steps} steps, ${parameters} parameters, ${seconds.toFixed(1)} s\n`,
  );
  for (const [part, { nats, perplexity, tokens }] of Object.entries(evaluations)) {
    process.stdout.write(
      `  ${part.padEnd(5)}  ${nats.toFixed(4)} nats per ${unit}, perplexity ${perplexity.toFixed(2)} (${tokens} predicted)\n`,
    );
  }
  process.stdout.write(`  files in ${out}: ${Object.values(FILES).join(", ")}\n`);
  return 0;
}
