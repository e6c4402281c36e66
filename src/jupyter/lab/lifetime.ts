import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { isAlive } from "../files/alive.ts";

export interface LifetimeOptions {
  /** End when the process that started this one ends. */
  followParent: boolean;
  /** How often to look whether it is still there, in milliseconds. Default 1000. */
  interval?: number;
}

/** Why a program that serves until it is told to stop is to stop. */
export type Ending = NodeJS.Signals | "parent gone";

/**
 * Waits for Ctrl-C, SIGTERM, the closing of the terminal, or the end of the process that started this one (npm, a
 * script, an editor): a kernel left behind would go on using memory and processor without anybody seeing it.
 * A second signal ends the process at once, for when the orderly way takes too long.
 */
export function untilTold(options: LifetimeOptions): { ending: Promise<Ending>; stop(): void } {
  let tell: (ending: Ending) => void = () => undefined;
  const ending = new Promise<Ending>((resolve) => {
    tell = resolve;
  });
  let told = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (told) process.exit(130);
    told = true;
    tell(signal);
  };
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM"];
  // A terminal that is closed sends SIGHUP. `nohup` wants it to be ignored, and takes the terminal away.
  if (process.stdout.isTTY || process.stdin.isTTY) signals.push("SIGHUP");
  for (const signal of signals) process.on(signal, onSignal);

  // An orphan gets another parent, except on Windows, where its parent's number just becomes free.
  const parent = process.ppid;
  let npm: number | undefined;
  const timer = setInterval(() => {
    if (process.ppid !== parent || (process.platform === "win32" && !isAlive(parent))) tell("parent gone");
    if (npm !== undefined && !isAlive(npm)) tell("parent gone");
  }, options.interval ?? 1000);
  if (options.followParent) {
    void npmAbove(parent).then((found) => {
      npm = found;
    });
  }
  timer.unref();
  if (!options.followParent) clearInterval(timer);

  return {
    ending,
    stop: () => {
      clearInterval(timer);
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

/**
 * npm runs a script in a shell, which stays when npm is killed. @returns npm's process, if the parent is such a shell.
 */
async function npmAbove(parent: number): Promise<number | undefined> {
  if (process.env["npm_lifecycle_event"] === undefined || process.platform === "win32") return undefined;
  const [above, name] = await parentOf(parent).catch(() => [Number.NaN, ""] as const);
  return above > 1 && /^(ba|da|z|k|a)?sh$|^busybox$/.test(name) ? above : undefined;
}

/** The parent of a process, and the process's own name. */
async function parentOf(pid: number): Promise<readonly [parent: number, name: string]> {
  if (process.platform === "linux") {
    // "PID (NAME) STATE PARENT …", where the name may hold anything. `ps` is not on every Linux.
    const found = /^\d+ \((.*)\) \S (\d+)/s.exec(await readFile(`/proc/${pid}/stat`, "utf8"));
    return [Number(found?.[2]), found?.[1] ?? ""];
  }
  const { stdout } = await promisify(execFile)("ps", ["-o", "ppid=,comm=", "-p", String(pid)]);
  const [, parent, name] = /^\s*(\d+)\s+(.*)$/m.exec(stdout) ?? [];
  return [Number(parent), name?.replace(/^.*\/|^-/g, "") ?? ""];
}
