import type { Outcome } from "../experiment/run.ts";
import { FILES } from "../experiment/run.ts";
import type { lm } from "../index.ts";
import type { Interruption } from "./signals.ts";

/** On a terminal the library's own bar; in a log one line for each epoch. */
export function terminalProgress(): boolean | lm.ProgressReporter {
  if (process.stderr.isTTY) return true;
  let told = 0;
  return {
    update: ({ epoch, epochs, step, validLoss, tokensPerSecond }) => {
      if (epoch - 1 <= told) return;
      told = epoch - 1;
      const valid = validLoss === undefined ? "" : `, valid perplexity ${Math.exp(validLoss).toFixed(2)}`;
      process.stderr.write(
        `epoch ${told} of ${epochs}, step ${step}${valid}, ${Math.round(tokensPerSecond)} tokens/s\n`,
      );
    },
    end: ({ step, totalSteps }, how) => process.stderr.write(`${how} at step ${step} of ${totalSteps}\n`),
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
