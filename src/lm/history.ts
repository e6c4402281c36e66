import { DataError, MissingPackageError } from "../errors.ts";
import { type MimeBundle, showAs } from "../show.ts";
import { tableView } from "../text/table.ts";
import type { TrainingState } from "./training/state.ts";

/** One step of the optimizer. Losses are in nats per token. */
export interface StepRecord {
  /** Counted from 1 over all epochs. */
  step: number;
  epoch: number;
  /** Targets seen so far. */
  tokens: number;
  /** Mean −ln p of the step's targets, before the update. */
  loss: number;
  /** Norm of the whole gradient before clipping. */
  gradNorm: number;
  lr: number;
  /** A measured time: differs from run to run. */
  tokensPerSecond: number;
}

/** One finished epoch. */
export interface EpochRecord {
  epoch: number;
  step: number;
  tokens: number;
  /** Mean loss over the targets of the epoch, each before its update. */
  trainLoss: number;
  /** Mean loss on the validation text after the epoch; absent if there is none. */
  validLoss?: number;
  lr: number;
  /** A measured time: differs from run to run. */
  seconds: number;
}

const STEP_COLUMNS = ["step", "epoch", "tokens", "loss", "gradNorm", "lr", "tokensPerSecond"] as const;
const EPOCH_COLUMNS = ["epoch", "step", "tokens", "trainLoss", "validLoss", "lr", "seconds"] as const;

export interface HistoryJSON {
  name: string;
  steps: Partial<StepRecord>[];
  epochs: Partial<EpochRecord>[];
}

/** What `toDataFrame` returns: a danfojs DataFrame, which notebooks show as a table. */
export interface DataFrameLike {
  readonly shape: readonly number[];
  readonly columns: readonly string[];
  readonly values: unknown;
  print(): void;
}

/** The course of a training: what `train` returns, what plots and tables are made from. */
export class History {
  name: string;
  readonly steps: StepRecord[] = [];
  readonly epochs: EpochRecord[] = [];
  /** True if the training was interrupted before its end. */
  interrupted: boolean = false;
  /** Where the training stands, for `train(…, { resume: history })`; null once it was read from a file. */
  #state: TrainingState | null = null;

  constructor(name: string = "") {
    this.name = name;
  }

  get state(): TrainingState | null {
    return this.#state;
  }
  set state(state: TrainingState | null) {
    this.#state = state;
  }

  /** The last epoch. @throws {DataError} if none was finished. */
  get last(): EpochRecord {
    const record = this.epochs.at(-1);
    if (!record) throw new DataError("History: no epoch was finished");
    return record;
  }

  /** exp of the last validation loss (of the last training loss if nothing was validated). */
  get perplexity(): number {
    return Math.exp(this.last.validLoss ?? this.last.trainLoss);
  }

  /** @param timings whether to keep the measured times; without them two equal runs give equal JSON. */
  toJSON({ timings = true }: { timings?: boolean } = {}): HistoryJSON {
    // In the order of the columns, so that a history that was read from a file is written as the one it came from.
    const pick = (record: object, columns: readonly string[], measured: string) =>
      Object.fromEntries(
        columns
          .filter((column) => Object.hasOwn(record, column) && (timings || column !== measured))
          .map((column) => [column, (record as Record<string, number>)[column]]),
      );
    return {
      name: this.name,
      steps: this.steps.map((r) => pick(r, STEP_COLUMNS, "tokensPerSecond")),
      epochs: this.epochs.map((r) => pick(r, EPOCH_COLUMNS, "seconds")),
    };
  }

  /** @throws {DataError} naming the first record that is not one. */
  static fromJSON(json: HistoryJSON): History {
    const history = new History(json?.name ?? "");
    if (!Array.isArray(json?.steps) || !Array.isArray(json?.epochs)) {
      throw new DataError("History.fromJSON: needs { name, steps: […], epochs: […] }");
    }
    json.steps.forEach((r, i) => {
      history.steps.push(
        numbersOf(r, STEP_COLUMNS, ["tokensPerSecond"], `step record ${i}`) as unknown as StepRecord,
      );
    });
    json.epochs.forEach((r, i) => {
      const record = numbersOf(r, EPOCH_COLUMNS, ["validLoss", "seconds"], `epoch record ${i}`);
      history.epochs.push(record as unknown as EpochRecord);
    });
    return history;
  }

  /** One table as CSV with a header line; numbers are written in full, so that reading them back is exact. */
  toCSV(table: "steps" | "epochs" = "steps"): string {
    const columns = table === "steps" ? STEP_COLUMNS : EPOCH_COLUMNS;
    const records = this[table] as unknown as Record<string, number | undefined>[];
    return `${[columns.join(","), ...records.map((r) => columns.map((c) => r[c] ?? "").join(","))].join("\n")}\n`;
  }

  /** Both tables from CSV. @throws {DataError} naming the line that cannot be read. */
  static fromCSV({ steps, epochs = "" }: { steps: string; epochs?: string }, name: string = ""): History {
    return History.fromJSON({
      name,
      steps: parseCSV(steps, "steps") as Partial<StepRecord>[],
      epochs: parseCSV(epochs, "epochs") as Partial<EpochRecord>[],
    });
  }

  /**
   * The epochs (or steps) as a danfojs data frame, with perplexities and without measured times.
   * @throws {MissingPackageError} if danfojs-node is not installed.
   */
  toDataFrame(table: "epochs" | "steps" = "epochs"): DataFrameLike {
    const { DataFrame } = loadDanfo();
    return new DataFrame(
      table === "epochs" ? this.#epochRows() : this.steps.map(({ tokensPerSecond: _, ...r }) => r),
    );
  }

  toString(): string {
    return tableView(...this.#table())["text/plain"] as string;
  }

  /** Used by the notebook view. */
  view(): MimeBundle {
    return tableView(...this.#table());
  }

  #epochRows(): Record<string, number>[] {
    return this.epochs.map(({ epoch, step, tokens, trainLoss, validLoss, lr }) => ({
      epoch,
      step,
      tokens,
      "train loss": trainLoss,
      "train perplexity": Math.exp(trainLoss),
      ...(validLoss === undefined
        ? {}
        : { "valid loss": validLoss, "valid perplexity": Math.exp(validLoss) }),
      lr,
    }));
  }

  #table(): [string, (string | number)[][], string[]] {
    const rows = this.#epochRows();
    const title =
      `History${this.name ? ` "${this.name}"` : ""}: ${this.steps.length} steps, ${this.epochs.length} epochs` +
      `${this.interrupted ? ", interrupted" : ""}; losses in nats per token`;
    const header = Object.keys(rows[0] ?? { epoch: 0 });
    return [
      title,
      rows.map((r) => header.map((c) => (Number.isInteger(r[c]) ? r[c] : r[c].toPrecision(5)))),
      header,
    ];
  }
}

showAs(
  History,
  (history): MimeBundle => history.view(),
  (history) => history.toString(),
);

interface Danfo {
  DataFrame: new (rows: Record<string, number>[]) => DataFrameLike;
}

/** danfojs-node is large and loads slowly: only when a frame is asked for. */
function loadDanfo(): Danfo {
  const nodeModule = globalThis.process?.getBuiltinModule?.("node:module");
  try {
    if (!nodeModule) throw new Error("not in Node.js");
    return nodeModule.createRequire(import.meta.url)("danfojs-node") as Danfo;
  } catch (cause) {
    throw new MissingPackageError("danfojs-node", "History.toDataFrame", "danfojs-node", { cause });
  }
}

function numbersOf(
  record: unknown,
  columns: readonly string[],
  optional: readonly string[],
  what: string,
): Record<string, number> {
  const out: Record<string, number> = {};
  for (const column of columns) {
    const value = (record as Record<string, unknown> | null)?.[column];
    if (typeof value === "number") out[column] = value;
    else if (value === null)
      out[column] = Number.NaN; // JSON has no NaN
    else if (!optional.includes(column)) throw new DataError(`History: ${what} has no number "${column}"`);
  }
  return out;
}

function parseCSV(text: string, table: string): Record<string, number>[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  const columns = lines.shift()?.split(",") ?? [];
  return lines.map((line, i) => {
    const cells = line.split(",");
    if (cells.length !== columns.length) {
      throw new DataError(
        `History.fromCSV: ${table}, line ${i + 2}: ${cells.length} cells for ${columns.length} columns`,
      );
    }
    const known = cells.map((cell, c) => [columns[c], cell] as const).filter(([, cell]) => cell !== "");
    return Object.fromEntries(
      known.map(([column, cell]) => {
        if (cell !== "NaN" && Number.isNaN(Number(cell))) {
          throw new DataError(`History.fromCSV: ${table}, line ${i + 2}: "${cell}" is not a number`);
        }
        return [column, Number(cell)];
      }),
    );
  });
}
