import { DataError, describe } from "../errors.ts";

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
  /** The learning rate of the update (of the first parameter group). */
  lr: number;
  /** A measured speed: differs from run to run, and is not kept in checkpoints. */
  tokensPerSecond?: number;
}

/** One finished epoch. */
export interface EpochRecord {
  epoch: number;
  /** Steps and targets up to its end. */
  step: number;
  tokens: number;
  /** Mean loss over the targets of the epoch, each before its update. */
  trainLoss: number;
  /** Mean loss on the validation text after the epoch; absent if nothing was validated. */
  validLoss?: number;
  /** Mean over its steps of the norm of the gradient before clipping. */
  gradNorm?: number;
  /** The learning rate of its last update. */
  lr: number;
  /** Speed of its training steps, validation left out; of the part that was run since the last resume. */
  tokensPerSecond?: number;
  /** Time of that part in seconds, validation included. Measured values are not kept in checkpoints. */
  seconds?: number;
}

/** The saved form of a history: plain JSON. */
export interface HistoryJSON {
  name: string;
  /** Left out where it is false. */
  interrupted?: boolean;
  steps: Partial<StepRecord>[];
  epochs: Partial<EpochRecord>[];
}

/** The fields of a kind of record, in the order in which they are written. */
interface Columns<R> {
  readonly what: string;
  readonly all: readonly (keyof R & string)[];
  /** May be absent. */
  readonly optional: readonly (keyof R & string)[];
  /** Differ from run to run. */
  readonly measured: readonly (keyof R & string)[];
}

export const STEPS: Columns<StepRecord> = {
  what: "step record",
  all: ["step", "epoch", "tokens", "loss", "gradNorm", "lr", "tokensPerSecond"],
  optional: ["tokensPerSecond"],
  measured: ["tokensPerSecond"],
};

export const EPOCHS: Columns<EpochRecord> = {
  what: "epoch record",
  all: ["epoch", "step", "tokens", "trainLoss", "validLoss", "gradNorm", "lr", "tokensPerSecond", "seconds"],
  optional: ["validLoss", "gradNorm", "tokensPerSecond", "seconds"],
  measured: ["tokensPerSecond", "seconds"],
};

/** A copy with its fields in the order of the columns, whatever the order in which they were set. */
export function plainRecord<R extends object>(record: R, columns: Columns<R>, timings: boolean): Partial<R> {
  const copy: Partial<R> = {};
  for (const column of columns.all) {
    if (record[column] === undefined || (!timings && columns.measured.includes(column))) continue;
    copy[column] = record[column];
  }
  return copy;
}

/**
 * A record from what was read; null stands for NaN, which JSON lacks.
 * @throws {DataError} naming the record and the field that is missing or no number.
 */
export function readRecord<R extends object>(read: unknown, columns: Columns<R>, position: number): R {
  const record: Partial<Record<string, number>> = {};
  for (const column of columns.all) {
    const value = (read as Record<string, unknown> | null)?.[column];
    if (typeof value === "number") record[column] = value;
    else if (value === null) record[column] = Number.NaN;
    else if (value !== undefined || !columns.optional.includes(column)) {
      const found = value === undefined ? "" : `, but ${describe(value)}`;
      throw new DataError(
        `History: ${columns.what} ${position} has no number "${column}"${found}; each record needs one`,
      );
    }
  }
  return record as R;
}

/** Records as CSV with a header line. Numbers are written in full, so that reading them back is exact. */
export function toCSV<R extends object>(records: readonly R[], { all }: Columns<R>): string {
  const lines = records.map((record) => all.map((column) => record[column] ?? "").join(","));
  return `${[all.join(","), ...lines].join("\n")}\n`;
}

/** @throws {DataError} naming the table and the line that cannot be read. */
export function parseCSV(text: string, table: string): Record<string, number>[] {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  const header = lines.findIndex((line) => line !== "");
  const columns = header < 0 ? [] : lines[header].split(",");
  return lines.flatMap((line, i) => {
    if (i <= header || line === "") return [];
    const where = `History.fromCSV: ${table}, line ${i + 1}`;
    const cells = line.split(",");
    if (cells.length !== columns.length) {
      throw new DataError(`${where}: ${cells.length} cells for ${columns.length} columns`);
    }
    const entries = cells.map((cell, c): [string, number] => [
      columns[c],
      cell === "NaN" ? NaN : Number(cell),
    ]);
    const odd = cells.find((cell, c) => cell !== "NaN" && Number.isNaN(entries[c][1]));
    if (odd !== undefined) throw new DataError(`${where}: ${describe(odd)} is not a number`);
    return [Object.fromEntries(entries.filter((_, c) => cells[c].trim() !== ""))];
  });
}
