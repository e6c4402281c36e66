import { formatNumber, shownIndices } from "../array/format.ts";
import { DataError, expectOptions, MissingPackageError, UnrolledError } from "../errors.ts";
import { type MimeBundle, showAs } from "../show.ts";
import { tableView } from "../text/table.ts";
import {
  EPOCHS,
  type EpochRecord,
  type HistoryJSON,
  parseCSV,
  plainRecord,
  readRecord,
  STEPS,
  type StepRecord,
  toCSV,
} from "./history-records.ts";
import type { TrainingState } from "./training/state.ts";

export type { EpochRecord, HistoryJSON, StepRecord } from "./history-records.ts";

/**
 * What `toDataFrame` returns: a danfojs DataFrame, which notebooks show as a table. These are its members that are
 * used most; cast it to danfojs-node's own `DataFrame` for all others.
 */
export interface DataFrameLike {
  readonly shape: readonly number[];
  readonly columns: readonly string[];
  readonly values: unknown;
  head(rows?: number): DataFrameLike;
  tail(rows?: number): DataFrameLike;
  sortValues(column: string, options?: { ascending?: boolean }): DataFrameLike;
  column(name: string): { readonly values: unknown; print(): void };
  describe(): DataFrameLike;
  print(): void;
}

/** The course of a training: what `train` returns, what plots and tables are made from. */
export class History {
  /** Names it in plots and tables. */
  name: string;
  readonly steps: StepRecord[] = [];
  readonly epochs: EpochRecord[] = [];
  /** True if the training ended before it was complete: by an interrupt, or by an error. */
  interrupted: boolean = false;
  #state: TrainingState | null = null;

  constructor(name: string = "") {
    this.name = name;
  }

  /** Where the training stands, for `train(…, { resume: history })`; null in a history that was read from a text. */
  get state(): TrainingState | null {
    return this.#state;
  }
  set state(state: TrainingState | null) {
    this.#state = state;
  }

  /** The last epoch. @throws {DataError} if none was finished. */
  get last(): EpochRecord {
    const record = this.epochs.at(-1);
    if (!record) throw new DataError("History: no epoch was finished; use history.steps, or train on");
    return record;
  }

  /** exp of the last validation loss (of the last training loss if nothing was validated). */
  get perplexity(): number {
    return Math.exp(this.last.validLoss ?? this.last.trainLoss);
  }

  /** @param timings whether to keep measured times and speeds; without them two equal runs give equal JSON. */
  toJSON({ timings = true }: { timings?: boolean } = {}): HistoryJSON {
    return {
      name: this.name,
      ...(this.interrupted ? { interrupted: true } : {}),
      steps: this.steps.map((record) => plainRecord(record, STEPS, timings)),
      epochs: this.epochs.map((record) => plainRecord(record, EPOCHS, timings)),
    };
  }

  /** @throws {DataError} naming the first record that is not one. */
  static fromJSON(json: HistoryJSON): History {
    if (!Array.isArray(json?.steps) || !Array.isArray(json?.epochs)) {
      throw new DataError("History.fromJSON: needs { name, steps: […], epochs: […] }");
    }
    const history = new History(String(json.name ?? ""));
    history.interrupted = json.interrupted === true;
    // One by one: as the arguments of one call, some hundred thousand steps overflow the stack.
    for (const [i, record] of json.steps.entries()) history.steps.push(readRecord(record, STEPS, i));
    for (const [i, record] of json.epochs.entries()) history.epochs.push(readRecord(record, EPOCHS, i));
    return history;
  }

  /** One table as CSV with a header line; numbers are written in full, so that reading them back is exact. */
  toCSV(table: "steps" | "epochs" = "steps"): string {
    return table === "steps" ? toCSV(this.steps, STEPS) : toCSV(this.epochs, EPOCHS);
  }

  /** From the CSV of both tables. @throws {DataError} naming the line that cannot be read. */
  static fromCSV(tables: { steps: string; epochs?: string }, name: string = ""): History {
    const { steps, epochs = "" } = expectOptions(tables, ["steps", "epochs"], "History.fromCSV");
    if (typeof steps !== "string")
      throw new DataError("History.fromCSV: needs { steps: the text of a CSV file }");
    return History.fromJSON({ name, steps: parseCSV(steps, "steps"), epochs: parseCSV(epochs, "epochs") });
  }

  /**
   * The epochs (or steps) as a danfojs data frame, with perplexities.
   * @param timings whether to add the measured "tokens/s", NaN where they were not kept. They differ from run to run.
   * @throws {MissingPackageError} if danfojs-node is not installed.
   */
  toDataFrame(
    table: "epochs" | "steps" = "epochs",
    { timings = false }: { timings?: boolean } = {},
  ): DataFrameLike {
    const { DataFrame } = loadDanfo();
    const rows = table === "epochs" ? this.#epochRows() : this.#stepRows();
    if (!timings) return new DataFrame(rows);
    const speed = (i: number) => this[table][i].tokensPerSecond ?? Number.NaN;
    return new DataFrame(rows.map((row, i) => ({ ...row, "tokens/s": speed(i) })));
  }

  toString(): string {
    return this.view()["text/plain"] as string;
  }

  /**
   * The table that a notebook shows: the epochs; the middle of many is left out. Before the end of the first epoch:
   * the first step and the last.
   */
  view(): MimeBundle {
    const count = (n: number, what: string) => `${n} ${n === 1 ? what : `${what}s`}`;
    const title =
      `History${this.name ? ` "${this.name}"` : ""}: ${count(this.steps.length, "step")}, ` +
      `${count(this.epochs.length, "epoch")}${this.interrupted ? ", interrupted" : ""}; losses in nats per token`;
    const ofSteps = this.epochs.length === 0 && this.steps.length > 0;
    const rows = ofSteps ? this.#stepRows() : this.#epochRows();
    const columns = Object.keys(rows[0] ?? { epoch: 0 });
    const shown = shownIndices(rows.length, ofSteps ? 1 : MOST_ROWS / 2);
    const cell = (i: number, column: string) => (i < 0 ? "…" : formatCell(column, rows[i][column]));
    return tableView(
      title,
      shown.map((i) => columns.map((column) => cell(i, column))),
      columns,
    );
  }

  #epochRows(): Record<string, number>[] {
    // A column for all epochs or for none: a resume may have validated where the beginning did not.
    const has = (field: "validLoss" | "gradNorm") =>
      this.epochs.some((record) => record[field] !== undefined);
    const [validated, normed] = [has("validLoss"), has("gradNorm")];
    return this.epochs.map((record) => {
      const { epoch, step, tokens, trainLoss, validLoss = Number.NaN, gradNorm = Number.NaN, lr } = record;
      return {
        epoch,
        step,
        tokens,
        "train loss": trainLoss,
        "train perplexity": Math.exp(trainLoss),
        ...(validated ? { "valid loss": validLoss, "valid perplexity": Math.exp(validLoss) } : {}),
        ...(normed ? { "gradient norm": gradNorm } : {}),
        lr,
      };
    });
  }

  #stepRows(): Record<string, number>[] {
    return this.steps.map(({ step, epoch, tokens, loss, gradNorm, lr }) => ({
      step,
      epoch,
      tokens,
      loss,
      perplexity: Math.exp(loss),
      "gradient norm": gradNorm,
      lr,
    }));
  }
}

const MOST_ROWS = 40;
const COUNTS = ["epoch", "step", "tokens"];

function formatCell(column: string, value: number): string | number {
  if (COUNTS.includes(column)) return value;
  if (Number.isNaN(value)) return "-";
  return column.endsWith("loss") ? value.toFixed(4) : formatNumber(value, 4);
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
  if (!nodeModule) {
    throw new UnrolledError("History.toDataFrame needs Node; elsewhere make a frame from history.epochs");
  }
  try {
    return nodeModule.createRequire(import.meta.url)("danfojs-node") as Danfo;
  } catch (cause) {
    if ((cause as { code?: string }).code !== "MODULE_NOT_FOUND") throw cause;
    throw new MissingPackageError("danfojs-node", "History.toDataFrame", { cause });
  }
}
