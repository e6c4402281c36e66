import { INSTALLABLE } from "../../errors.ts";
import type { Corpora, Jupyter, Machine, OptionalPackage } from "./facts.ts";
import type { Computing, Trial } from "./kernels.ts";

export interface Diagnosis {
  readonly machine: Machine;
  readonly computing: Computing;
  readonly corpora: Corpora;
  readonly jupyter: Jupyter;
  readonly packages: readonly OptionalPackage[];
}

/** What was set or installed and does not work. What is merely missing is no problem. */
export function problemsOf({ machine, computing, corpora, jupyter }: Diagnosis): string[] {
  const { variables, blas, threads, problem } = computing;
  const problems: string[] = [];
  if (!nodeFits(machine.node))
    problems.push(`Node.js ${machine.node} is too old: ${machine.nodeWanted} is needed`);
  if (problem !== null) problems.push(problem);
  if (variables["UNROLLED_BLAS"] && !blas.found) {
    problems.push(
      `UNROLLED_BLAS: ${blas.attempts.map(({ file, result }) => `${file}: ${result}`).join("; ")}`,
    );
  }
  if (threads?.problem) problems.push(`a thread ended: ${threads.problem}`);
  if (corpora.folder !== null && !corpora.folderExists) {
    problems.push(`UNROLLED_DATA: there is no folder ${corpora.folder}`);
  }
  if (corpora.problem !== null) problems.push(corpora.problem);
  if (jupyter.problem !== null) {
    problems.push(`the registered kernel cannot start: ${jupyter.problem}; npx unrolled kernel install`);
  }
  return problems;
}

function nodeFits(version: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
}

/** What would make it faster here, the largest first. */
export function hints({ machine, computing }: Diagnosis): string[] {
  const { blas, info, threads, variables } = computing;
  const found: string[] = [];
  const koffi = blas.attempts.find(({ file }) => file === "koffi");
  if (!blas.found) {
    const library = { linux: "OpenBLAS (Debian: apt install libopenblas0)", win32: "OpenBLAS or MKL" }[
      machine.platform.split(" ")[0]
    ];
    const steps = [...(koffi ? ["npm install koffi"] : []), ...(library ? [library] : [])];
    if (steps.length > 0) found.push(`a BLAS of the system: ${steps.join(", and ")}`);
  } else if (info && info.tier !== "blas" && variables["UNROLLED_KERNELS"]) {
    found.push(`without UNROLLED_KERNELS=${variables["UNROLLED_KERNELS"]} the BLAS would be used`);
  }
  if (machine.simdFlags.length > 0) {
    const flags = machine.simdFlags.join(" ");
    found.push(
      machine.simdFlagsGiven
        ? `in scripts of your own: node ${flags} (our commands and the notebook kernel give it by themselves)`
        : `without UNROLLED_V8_FLAGS=0 our commands would give V8 ${flags}`,
    );
  } else if (Number.parseInt(machine.node, 10) < 24 && machine.platform.includes("x64")) {
    found.push("Node.js 24: its V8 makes 256-bit operations of two of WebAssembly's");
  }
  if (threads && threads.count === 1 && machine.coresUsable > 1 && variables["UNROLLED_THREADS"]) {
    found.push(`UNROLLED_THREADS=${Math.min(machine.coresUsable, 2)}`);
  }
  return found;
}

const GIBIBYTE = 2 ** 30;
const gibibytes = (bytes: number): string => `${(bytes / GIBIBYTE).toFixed(1)} GiB`;

export function report(diagnosis: Diagnosis): string {
  const problems = problemsOf(diagnosis);
  const faster = hints(diagnosis);
  const sections: [title: string, lines: string[]][] = [
    ["Machine", machineLines(diagnosis.machine)],
    ["Kernels", kernelLines(diagnosis.computing)],
    ["Threads", threadLines(diagnosis.computing)],
    ["Corpora", corpusLines(diagnosis.corpora)],
    ["Jupyter", jupyterLines(diagnosis.jupyter)],
    ["Optional packages", packageLines(diagnosis.packages)],
    ["Faster", faster.length > 0 ? faster : ["nothing known: the fastest kernels of this machine run"]],
    ["Problems", problems.length > 0 ? problems : ["none"]],
  ];
  return sections
    .map(([title, lines]) => `${title}\n${lines.map((line) => `  ${line}\n`).join("")}`)
    .join("\n");
}

function machineLines(m: Machine): string[] {
  const limit =
    m.memoryLimitBytes === null ? "" : `, of which the container may use ${gibibytes(m.memoryLimitBytes)}`;
  return [
    `unrolled ${m.unrolled} in ${m.folder}`,
    `Node.js ${m.node} (needed: ${m.nodeWanted}), V8 ${m.v8}, ${m.platform}`,
    `${m.processor}, ${m.cores} ${m.cores === 1 ? "core" : "cores"}, ${m.coresUsable} usable`,
    `${gibibytes(m.memoryBytes)} of memory, ${gibibytes(m.memoryFreeBytes)} free${limit}; heap up to ${gibibytes(m.heapLimitBytes)}`,
  ];
}

function kernelLines({ info, problem, trials, blas, variables }: Computing): string[] {
  const set = Object.entries(variables).filter(([, value]) => value !== null);
  return [
    info === null ? `none: ${problem}` : `${info.engine}; chosen by ${chooser(info.chosenBy)}`,
    ...(info === null ? [] : [`fingerprint: ${info.fingerprint}`]),
    ...set.map(([name, value]) => `${name}=${value}`),
    ...trials.map(trialLine),
    blas.found === null ? "BLAS: none found. Looked for:" : `BLAS: ${blas.found}. Looked for:`,
    ...blas.attempts.map(({ file, result }) => `  ${file}: ${result}`),
    ...(blas.folders.length > 0 ? [`  where the system looks, and in ${blas.folders.join(", ")}`] : []),
  ];
}

const chooser = (by: string): string => (by === "default" ? "what this machine has" : by);

function trialLine({ kernels, works, detail, gigaflops }: Trial): string {
  const speed = gigaflops === null ? "" : `, ${gigaflops.toPrecision(3)} GF/s`;
  return `${works ? "✓" : "–"} ${kernels.padEnd(12)}  ${works ? "self-test passed" : "not here"}${speed}: ${detail}`;
}

function threadLines({ threads }: Computing): string[] {
  if (!threads) return ["unknown"];
  const started = threads.count === 1 ? "" : `; ${threads.running} computing after the first large work`;
  return [`${threads.count} (${threads.reason})${started}`, ...(threads.problem ? [threads.problem] : [])];
}

function corpusLines({ folder, present, absent }: Corpora): string[] {
  return [
    folder === null ? "UNROLLED_DATA is not set" : `UNROLLED_DATA=${folder}`,
    `here: ${present.join(", ") || "none"}`,
    ...(absent.length > 0 ? [`not here: ${absent.join(", ")} (npx unrolled data get NAME)`] : []),
  ];
}

function jupyterLines({ built, program, registered, jupyter }: Jupyter): string[] {
  return [
    built ? `the kernel: ${program}` : `the kernel is not built: there is no ${program}; npm run build`,
    registered === null
      ? "not registered: only `unrolled lab` and `unrolled run` know it (npx unrolled kernel install)"
      : `registered in ${registered}`,
    jupyter === null ? "no program `jupyter` on the PATH; `unrolled lab` needs none" : `jupyter: ${jupyter}`,
  ];
}

function packageLines(packages: readonly OptionalPackage[]): string[] {
  const width = Math.max(...packages.map(({ name }) => name.length));
  return packages.map(({ name, wanted, installed, purpose }) => {
    const state =
      installed === null
        ? `not installed (npm install ${INSTALLABLE[name] ?? `${name}@${wanted}`})`
        : installed;
    return `${name.padEnd(width)}  ${state}: ${purpose}`;
  });
}
