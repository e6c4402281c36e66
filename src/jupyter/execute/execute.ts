import { expectNumber, UnrolledError } from "../../errors.ts";
import { type JsonObject, type KernelDiedError, KernelProcess } from "../client/index.ts";
import { type InstalledKernelSpec, OWN_KERNEL, resolveKernelSpec } from "../kernelspec/index.ts";
import { CellRunner, MAX_TIMEOUT_MS } from "./cell.ts";
import { CellError, NotebookError } from "./errors.ts";
import { keepMeasured, noteMeasured } from "./measured.ts";
import { normaliseCellMetadata, normaliseMetadata, normaliseOutput, pathScrubber } from "./normalise.ts";
import { joined, type NotebookWithIds, tagsOf } from "./notebook.ts";

/** What a cell may take unless its notebook says otherwise: nothing runs for ever. */
export const DEFAULT_TIMEOUT_MS = 600_000;

export interface CellProgress {
  /** The cell's place among all cells, from 1. */
  cell: number;
  total: number;
  finished: boolean;
  /** How long it took, when it has finished. */
  ms: number;
}

export interface ExecuteOptions {
  /** How messages call the notebook. */
  name: string;
  /** The notebook's folder: the kernel works in it. */
  folder: string;
  /** A kernelspec or its name, instead of the name in the notebook's metadata. */
  kernel?: string | InstalledKernelSpec;
  /** Per cell; `timeout` (seconds) in a cell's metadata counts for that cell. Default 600,000. */
  timeoutMs?: number;
  /** Errors are outputs like others. Time-outs and a dead kernel still fail. */
  allowErrors?: boolean;
  /** Take new outputs for cells tagged `measured` too. */
  remeasure?: boolean;
  env?: Record<string, string | undefined>;
  signal?: AbortSignal;
  /** Called before and after each cell that is run. */
  onProgress?: (progress: CellProgress) => void;
}

/**
 * Runs the cells of a notebook in order in a fresh kernel.
 * @returns a copy with new outputs and execution counts, normalised: the same input gives the same copy again.
 * @throws {CellError} at the first cell that fails. @throws {NotebookError} when the notebook cannot be run at all.
 */
export async function executeNotebook(
  notebook: NotebookWithIds,
  options: ExecuteOptions,
): Promise<NotebookWithIds> {
  const timeoutMs = expectNumber(options.timeoutMs ?? DEFAULT_TIMEOUT_MS, "the time limit per cell (ms)", {
    above: 0,
    below: MAX_TIMEOUT_MS,
  });
  const copy = structuredClone(notebook);
  const kernel = await startKernel(copy, options);
  let died: KernelDiedError | undefined;
  kernel.once("died", (error) => {
    died = error;
  });
  try {
    const runner = new CellRunner(kernel, { ...options, timeoutMs });
    const total = copy.cells.length;
    let codeNumber = 0;
    let last: CellError["place"] | undefined;
    for (const [index, cell] of copy.cells.entries()) {
      if (cell.cell_type !== "code") continue;
      codeNumber++;
      const tags = tagsOf(cell);
      if (tags.includes("skip-execution")) continue;
      const place = { notebook: options.name, number: index + 1, codeNumber, id: cell.id };
      if (died) throw new CellError(place, "died", `was not run: ${died.message}`);
      last = place;
      const started = performance.now();
      options.onProgress?.({ cell: index + 1, total, finished: false, ms: 0 });
      const committed = cell.outputs ?? [];
      await runner.run(cell, place);
      if (tags.includes("measured")) {
        if (!options.remeasure) keepMeasured(cell, committed);
        noteMeasured(cell);
      }
      options.onProgress?.({ cell: index + 1, total, finished: true, ms: performance.now() - started });
    }
    // What cell 1 started may end the kernel after the last cell.
    if (died && last) throw new CellError(last, "died", `ended, and then ${died.message}`);
    return normalise(copy, options.folder, kernel.info ?? {});
  } finally {
    await kernel.shutdown();
  }
}

async function startKernel(notebook: NotebookWithIds, options: ExecuteOptions): Promise<KernelProcess> {
  const own = notebook.metadata["kernelspec"] as { name?: string } | undefined;
  const wanted = options.kernel ?? own?.name ?? OWN_KERNEL;
  try {
    const found = typeof wanted === "string" ? await resolveKernelSpec(wanted) : wanted;
    const kernel = new KernelProcess({
      ...found,
      cwd: options.folder,
      // Whether a terminal is watching us must not change what a notebook contains.
      env: { FORCE_COLOR: undefined, NO_COLOR: undefined, ...options.env },
    });
    try {
      await kernel.start(options.signal);
    } catch (error) {
      await kernel.shutdown();
      throw error;
    }
    // Front ends write this when they open the notebook; a run must not differ from that.
    if (own === undefined) {
      const { display_name, language } = found.spec;
      notebook.metadata["kernelspec"] = { display_name, language, name: found.name };
    }
    return kernel;
  } catch (error) {
    if (options.signal?.aborted) throw new NotebookError(`${options.name}: stopped before its first cell`);
    if (error instanceof UnrolledError) {
      throw new NotebookError(`${options.name}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function normalise(notebook: NotebookWithIds, folder: string, info: JsonObject): NotebookWithIds {
  const scrub = pathScrubber(folder);
  const language = info["language_info"];
  const metadata = normaliseMetadata(notebook.metadata);
  if (typeof language === "object" && language !== null) metadata["language_info"] = language;
  const cells = notebook.cells.map((cell) => {
    const copy = { ...cell, source: joined(cell.source), metadata: normaliseCellMetadata(cell.metadata) };
    if (cell.outputs) copy.outputs = cell.outputs.map((output) => normaliseOutput(output, scrub));
    return copy;
  });
  return { ...notebook, metadata, cells };
}
