import { type ChildProcess, spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import type { KernelExit } from "./errors.ts";

const LOG_CHARACTERS = 20_000;
/** A process that ended may have left children that hold its pipes open: the log is not waited for longer. */
const LAST_WORDS_MS = 200;

/** Ended together with us, however we end (except by SIGKILL, for which JPY_PARENT_PID is). */
const living = new Set<KernelChild>();
let endHooked = false;

/** The operating system's side of a kernel: a process in a group of its own, so that Ctrl-C reaches only us. */
export class KernelChild {
  /** Resolves, never rejects, when the process has ended or could not be started. */
  readonly exited: Promise<KernelExit>;
  #process: ChildProcess;
  #log = "";
  #running = true;

  /** @param onLog what the process itself writes; the output of cells arrives as messages instead. */
  constructor(
    argv: readonly string[],
    options: { cwd: string; env: NodeJS.ProcessEnv },
    onLog: (stream: "stdout" | "stderr", text: string) => void,
  ) {
    this.#process = spawn(argv[0], argv.slice(1), {
      ...options,
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    for (const name of ["stdout", "stderr"] as const) {
      this.#process[name]!.setEncoding("utf8").on("data", (text: string) => {
        this.#log = (this.#log + text).slice(-LOG_CHARACTERS);
        onLog(name, text);
      });
    }
    living.add(this);
    if (!endHooked) {
      endHooked = true;
      process.once("exit", () => {
        for (const child of living) child.kill("SIGKILL");
      });
    }
    this.exited = this.#watch(argv[0], options.cwd);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Standard output and error together, the last part of it. */
  get log(): string {
    return this.#log;
  }

  /** Signals the whole group: what a cell started is interrupted and ended with the kernel. */
  kill(signal: NodeJS.Signals): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      if (process.platform === "win32") this.#process.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // Already gone.
    }
  }

  async #watch(program: string, cwd: string): Promise<KernelExit> {
    const child = this.#process;
    const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const exit = await new Promise<Omit<KernelExit, "log">>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
      child.once("error", (error) => resolve({ code: null, signal: null, reason: error.message }));
    });
    this.#running = false;
    let timer: NodeJS.Timeout | undefined;
    if (exit.reason === undefined) {
      const enough = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, LAST_WORDS_MS);
      });
      await Promise.race([closed, enough]);
      clearTimeout(timer);
    } else {
      exit.reason = await explain(exit.reason, program, cwd);
    }
    this.kill("SIGKILL");
    living.delete(this);
    return { ...exit, log: this.#log };
  }
}

/** Node reports a missing folder and a missing program alike, as ENOENT. */
async function explain(reason: string, program: string, cwd: string): Promise<string> {
  const folder = await stat(cwd).catch(() => undefined);
  if (!folder?.isDirectory()) return `its working folder ${cwd} does not exist (make it, or choose another)`;
  if (reason.includes("ENOENT")) return `there is no program "${program}"`;
  return reason;
}
