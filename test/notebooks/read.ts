/** The committed notebooks, as their readers see them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const folder: string = fileURLToPath(new URL("../../notebooks", import.meta.url));

interface Output {
  output_type: string;
  text?: string | string[];
  data?: Record<string, unknown>;
}

export interface Cell {
  id: string;
  cell_type: "markdown" | "code";
  metadata: { tags?: string[]; exercise?: string };
  source: string;
  execution_count?: number | null;
  outputs: Output[];
}

/** Files of the lectures, or of their solutions, in order. */
export function filesIn(part: "." | "solutions"): string[] {
  const place = path.join(folder, part);
  if (!existsSync(place)) return [];
  return readdirSync(place)
    .filter((name) => name.endsWith(".ipynb"))
    .sort()
    .map((name) => path.posix.join(part, name));
}

export function cellsOf(file: string): Cell[] {
  const { cells } = JSON.parse(readFileSync(path.join(folder, file), "utf8")) as { cells: Cell[] };
  return cells.map((cell) => ({ ...cell, source: joined(cell.source), outputs: cell.outputs ?? [] }));
}

/** What a cell printed and showed, as text. */
export function textOf({ outputs }: Cell): string {
  return outputs.map(({ text, data }) => joined(text ?? (data?.["text/plain"] as string) ?? "")).join("\n");
}

/** Prose and outputs of a notebook, without code. */
export function proseOf(file: string): string {
  return cellsOf(file)
    .map((cell) => (cell.cell_type === "markdown" ? cell.source : textOf(cell)))
    .join("\n");
}

function joined(text: string | string[]): string {
  return Array.isArray(text) ? text.join("") : text;
}
