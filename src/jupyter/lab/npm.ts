import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { UnrolledError } from "../../errors.ts";

/** What npm and Node say when there is no network, or none that leads to the registry. */
const unreachable =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|EPROTO)\b|network (?:timeout|request|socket)/i;

/** npm's own pauses between attempts, 10 s to 1 min, would leave somebody without network waiting. Milliseconds. */
const impatient = { npm_config_fetch_retry_mintimeout: "1000", npm_config_fetch_retry_maxtimeout: "5000" };

/**
 * `npm ci` in a folder: exactly the packages of its lock file. Their install scripts are not run; none is needed.
 * @param onPackage called with the number of packages that have come and of those that will.
 * @throws {UnrolledError} saying whether the network or npm is at fault, with npm's own last words.
 */
export async function installPackages(
  folder: string,
  onPackage: (done: number, total: number) => void = () => undefined,
): Promise<void> {
  const total = await packagesToFetch(path.join(folder, "package-lock.json"));
  let done = 0;
  let inVain = { again: 0, since: Number.POSITIVE_INFINITY };
  const { code, output } = await run(
    npmCommand(),
    ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=http"],
    folder,
    (line, end) => {
      const [, status, address] = /^npm http fetch GET (\d+) (\S+)/.exec(line) ?? [];
      if (status !== undefined) inVain = { again: 0, since: Number.POSITIVE_INFINITY };
      if (address?.endsWith(".tgz")) onPackage(Math.min(++done, total), total);
      // npm would try each of the packages three times, which takes minutes.
      const [, attempt] = / attempt (\d+) failed with /.exec(line) ?? [];
      if (attempt === undefined) return;
      inVain.since = Math.min(inVain.since, Date.now());
      if (Number(attempt) > 1) inVain.again++;
      if (inVain.again >= 3 || Date.now() - inVain.since > 10_000) end();
    },
  );
  if (code === 0) return;
  const complaints = output.filter(isComplaint).slice(0, 6);
  const words = (complaints.length > 0 ? complaints : output.slice(-3)).join("\n");
  throw new UnrolledError(
    unreachable.test(words)
      ? `JupyterLab's packages have to be downloaded once, and npm cannot reach its registry. Connect to the network (or set npm's proxy or registry) and start again. npm says:\n${words}`
      : `npm could not install JupyterLab's packages (exit code ${code}). npm says:\n${words}`,
  );
}

/** What npm says of the cause: not its requests, its stack, its advice on log files, or warnings about settings. */
function isComplaint(line: string): boolean {
  return /^npm (error|ERR!)\s+\S/.test(line) && !/^npm \S+\s+at |A complete log of this run/.test(line);
}

/** Runs a program of Node's. @throws {UnrolledError} with what it printed, if it fails. */
export async function runScript(
  script: string,
  args: readonly string[],
  folder: string,
  what: string,
): Promise<void> {
  const { code, output } = await run([process.execPath, script], args, folder);
  if (code !== 0)
    throw new UnrolledError(`${what} failed (exit code ${code}):\n${output.slice(-20).join("\n")}`);
}

interface Ended {
  code: number | string;
  /** Lines of both streams. */
  output: string[];
}

function run(
  command: readonly string[],
  args: readonly string[],
  folder: string,
  onLine: (line: string, end: () => void) => void = () => undefined,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    // Only npm's own .cmd needs the shell; the arguments are ours and need no quotes.
    const shell = command[0].endsWith(".cmd");
    const child = spawn(command[0], [...command.slice(1), ...args], {
      cwd: folder,
      env: { ...impatient, ...process.env },
      shell,
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
    });
    // When this process is told to end, an npm that goes on would disturb the next attempt.
    const end = (): void => void child.kill();
    process.once("exit", end);
    child.once("close", () => process.removeListener("exit", end));
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      let rest = "";
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        const lines = (rest + text).split(/\r?\n/);
        rest = lines.pop() ?? "";
        output.push(...lines);
        for (const line of lines) onLine(line, end);
      });
      stream.on("end", () => {
        if (rest !== "") output.push(rest);
      });
    }
    child.on("error", (cause) =>
      reject(new UnrolledError(`${command[0]} cannot be started: ${cause.message}`, { cause })),
    );
    child.on("close", (code, signal) => resolve({ code: code ?? signal ?? "unknown", output }));
  });
}

/** npm as a script for this very Node, if it lies where installers put it; else whatever `npm` is on the PATH. */
function npmCommand(): string[] {
  const underNpm = process.env["npm_execpath"];
  const node = path.dirname(process.execPath);
  const candidates = [
    ...(underNpm && path.basename(underNpm) === "npm-cli.js" ? [underNpm] : []),
    path.join(node, "node_modules", "npm", "bin", "npm-cli.js"),
    path.join(node, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  const script = candidates.find((file) => existsSync(file));
  if (script) return [process.execPath, script];
  return [process.platform === "win32" ? "npm.cmd" : "npm"];
}

interface LockedPackage {
  link?: boolean;
  os?: string[];
  cpu?: string[];
}

/** The lock file lists esbuild's program for every system; npm fetches one of them. */
async function packagesToFetch(lockFile: string): Promise<number> {
  const { packages } = JSON.parse(await readFile(lockFile, "utf8")) as {
    packages: Record<string, LockedPackage>;
  };
  const fits = (list: string[] | undefined, own: string): boolean => list === undefined || list.includes(own);
  return Object.entries(packages).filter(
    ([place, { link, os, cpu }]) =>
      place.startsWith("node_modules/") && !link && fits(os, process.platform) && fits(cpu, process.arch),
  ).length;
}
