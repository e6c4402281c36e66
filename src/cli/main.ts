#!/usr/bin/env node
import { createRequire } from "node:module";
import v8 from "node:v8";
import { nearest, UnrolledError } from "../errors.ts";
import { useFastSimd } from "../kernels/wasm/flags.ts";
import type { Command } from "./command.ts";

/** One file per command, loaded only when it is asked for. */
const commands: Record<string, { summary: string; load: () => Promise<{ command: Command }> }> = {
  lab: { summary: "open JupyterLab in the browser, no Python needed", load: () => import("./lab.ts") },
  run: { summary: "run notebooks without a browser and write their outputs", load: () => import("./run.ts") },
  data: { summary: "list, download and check corpora", load: () => import("./data.ts") },
  train: { summary: "train a model by a configuration", load: () => import("./train.ts") },
  resume: { summary: "go on with an interrupted training", load: () => import("./resume.ts") },
  evaluate: { summary: "perplexity of a trained model on a text", load: () => import("./evaluate.ts") },
  generate: { summary: "let a trained model write", load: () => import("./generate.ts") },
  play: { summary: "watch a trained model in the browser", load: () => import("./play.ts") },
  report: { summary: "merge trainings into one page", load: () => import("./report.ts") },
  reproduce: { summary: "reach published numbers again", load: () => import("./reproduce.ts") },
  progress: { summary: "what was reached in the exercises", load: () => import("./progress.ts") },
  doctor: {
    summary: "what this machine has: kernels, threads, Jupyter, optional packages",
    load: () => import("./doctor.ts"),
  },
  kernel: {
    summary: "register the TypeScript kernel with your own Jupyter",
    load: () => import("./kernel.ts"),
  },
};

// Before anything is computed: what was compiled keeps the flags it was compiled with.
useFastSimd(process, v8.setFlagsFromString);

// `unrolled help train` is `unrolled train --help`.
const given = process.argv.slice(2);
const [name, ...args] = given[0] === "help" ? [...given.slice(1), "--help"] : given;

async function main(): Promise<number> {
  if (name === "--version" || name === "-v") {
    const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };
    process.stdout.write(`${version}\n`);
    return 0;
  }
  if (name === undefined || name === "--help" || name === "-h") {
    const width = Math.max(...Object.keys(commands).map((key) => key.length));
    const lines = Object.entries(commands).map(([key, { summary }]) => `  ${key.padEnd(width)}  ${summary}`);
    process.stdout.write(`usage: unrolled COMMAND [options]\n\n${lines.join("\n")}\n\n`);
    process.stdout.write(
      "unrolled COMMAND --help says more.\n\n" +
        "Exit codes: 0 done; 1 it failed, or what was asked for is not there; 2 the command was not understood, nothing\n" +
        "was done; 130 ended by Ctrl-C, 143 by a request to end.\n",
    );
    return 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!entry) {
    const near = nearest(name, Object.keys(commands));
    const help = near ? `Did you mean "${near}"?` : `Commands: ${Object.keys(commands).join(", ")}`;
    process.stderr.write(`unrolled: no command "${name}". ${help}\n`);
    return 2;
  }
  const { command } = await entry.load();
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(`${command.usage}\n`);
    return 0;
  }
  return command.run(args);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    // What we refuse on purpose needs a sentence, not a stack; a bug needs both.
    const misuse = (error as { code?: string })?.code?.startsWith("ERR_PARSE_ARGS");
    // Node's own advice, how to pass an argument that begins with a dash, is not what a slip of the finger needs.
    const text = misuse
      ? `${(error as Error).message.split(/\. |\n/)[0]}. See: unrolled ${name} --help`
      : error instanceof UnrolledError
        ? error.message
        : String((error as Error)?.stack ?? error);
    process.stderr.write(`unrolled ${name}: ${text}\n`);
    process.exitCode = misuse ? 2 : 1;
  },
);
