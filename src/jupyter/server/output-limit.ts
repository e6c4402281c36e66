import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { JupyterMessage } from "../client/message.ts";
import { formatBytes } from "./http.ts";
import { sizeOf } from "./outbox.ts";

export interface OutputLimits {
  /** Characters that one cell may print into the page; a page that shows a few millions is slow for a minute. */
  text?: number;
  /** Bytes of figures and other displays of one cell. */
  displays?: number;
}

/** What one cell has put out so far. */
interface CellOutput {
  number: number;
  text: number;
  displays: number;
  /** The printed text so far, until it goes to the file; afterwards empty. */
  kept: string[];
  file: WriteStream | undefined;
  problem: string | undefined;
  /** Characters that went to the file only, and the last of them. */
  beyond: number;
  tail: string;
  hiddenDisplays: number;
}

const rememberedCells = 200;
const tailLines = 10;

/**
 * Keeps a cell that prints without end from freezing the browser and swelling the notebook, without losing a
 * character: what goes beyond the limit is written to a file, together with what came before it. The cell says
 * so at once, and at its end shows the last lines.
 */
export class OutputLimit {
  readonly #folder: string;
  readonly #name: string;
  readonly #maxText: number;
  readonly #maxDisplays: number;
  readonly #cells: Map<string, CellOutput> = new Map();
  #count = 0;

  /** @param name begins the names of this kernel's files. */
  constructor(folder: string, name: string, limits: OutputLimits = {}) {
    this.#folder = folder;
    this.#name = name;
    this.#maxText = limits.text ?? 500_000;
    this.#maxDisplays = limits.displays ?? 64_000_000;
  }

  /** The messages to send instead of this one: mostly just itself. */
  pass(message: JupyterMessage): JupyterMessage[] {
    const parent = message.parent_header.msg_id;
    if (message.channel !== "iopub" || parent === undefined) return [message];
    switch (message.header.msg_type) {
      case "stream":
        return this.#text(this.#cell(parent), message);
      case "display_data":
      case "execute_result":
        return this.#display(this.#cell(parent), message);
      case "status":
        if (message.content["execution_state"] !== "idle") return [message];
        return [...this.#summary(this.#cells.get(parent), message), message];
      default:
        return [message];
    }
  }

  /** Closes the files, when the kernel ends. */
  async close(): Promise<void> {
    const files = [...this.#cells.values()].flatMap((cell) => cell.file ?? []);
    this.#cells.clear();
    await Promise.all(files.map((file) => new Promise<void>((resolve) => file.end(resolve))));
  }

  #cell(parent: string): CellOutput {
    let cell = this.#cells.get(parent);
    if (!cell) {
      const [oldest] = this.#cells.keys();
      if (this.#cells.size >= rememberedCells) {
        this.#cells.get(oldest)?.file?.end();
        this.#cells.delete(oldest);
      }
      cell = {
        number: ++this.#count,
        text: 0,
        displays: 0,
        kept: [],
        file: undefined,
        problem: undefined,
        beyond: 0,
        tail: "",
        hiddenDisplays: 0,
      };
      this.#cells.set(parent, cell);
    }
    return cell;
  }

  #text(cell: CellOutput, message: JupyterMessage): JupyterMessage[] {
    const text = String(message.content["text"] ?? "");
    const room = this.#maxText - cell.text;
    cell.text += text.length;
    if (text.length <= room) {
      cell.kept.push(text);
      return [message];
    }
    const first = cell.file === undefined;
    const shown = Math.max(0, room);
    this.#write(cell, text);
    cell.beyond += text.length - shown;
    cell.tail = (cell.tail + text.slice(shown)).slice(-4000);
    if (!first) return [];
    const notice = `\n[unrolled] This cell has printed more than ${formatBytes(this.#maxText)}. All it prints goes to ${this.#fileName(cell)}\n`;
    const before =
      shown > 0 ? [derive(message, "stream", { ...message.content, text: text.slice(0, shown) })] : [];
    return [...before, derive(message, "stream", { name: "stderr", text: notice })];
  }

  #display(cell: CellOutput, message: JupyterMessage): JupyterMessage[] {
    cell.displays += sizeOf(message);
    if (cell.displays <= this.#maxDisplays) return [message];
    cell.hiddenDisplays++;
    this.#write(cell, `\n${JSON.stringify(message.content)}\n`);
    if (cell.hiddenDisplays > 1) return [];
    const text = `[unrolled] The figures of this cell take more than ${formatBytes(this.#maxDisplays)}. Further ones go to ${this.#fileName(cell)}\n`;
    return [derive(message, "stream", { name: "stderr", text })];
  }

  #summary(cell: CellOutput | undefined, message: JupyterMessage): JupyterMessage[] {
    if (!cell || (cell.beyond === 0 && cell.hiddenDisplays === 0)) return [];
    const parts: string[] = [];
    if (cell.beyond > 0) {
      const lines = cell.tail.trimEnd().split("\n").slice(-tailLines).join("\n");
      parts.push(`${formatBytes(cell.beyond)} more were printed. The last lines:\n${lines}`);
    }
    if (cell.hiddenDisplays > 1) parts.push(`${cell.hiddenDisplays} figures are not shown.`);
    parts.push(cell.problem ?? `All of it is in ${this.#fileName(cell)}`);
    cell.beyond = 0;
    cell.hiddenDisplays = 0;
    cell.tail = "";
    const text = `[unrolled] ${parts.join("\n[unrolled] ")}\n`;
    return [derive(message, "stream", { name: "stderr", text })];
  }

  #write(cell: CellOutput, text: string): void {
    if (cell.file === undefined) {
      cell.file = createWriteStream(this.#path(cell), { flags: "a", mode: 0o600 });
      cell.file.on("error", (error: Error) => {
        cell.problem = `It could not be kept in a file (${error.message}), so it is lost.`;
      });
      for (const earlier of cell.kept.splice(0)) cell.file.write(earlier);
    }
    if (!cell.problem) cell.file.write(text);
  }

  #path(cell: CellOutput): string {
    return path.join(this.#folder, `${this.#name}-${cell.number}.txt`);
  }

  /** With `~`, so that a saved notebook does not tell its author's home folder. */
  #fileName(cell: CellOutput): string {
    const file = this.#path(cell);
    const home = os.homedir() + path.sep;
    return file.startsWith(home) ? `~${path.sep}${file.slice(home.length)}` : file;
  }
}

/** A message of ours in a kernel message's place: same session and parent, or JupyterLab would discard others. */
function derive(message: JupyterMessage, type: string, content: Record<string, unknown>): JupyterMessage {
  const { parts: _, ...rest } = message;
  const header = { ...message.header, msg_id: `${message.header.msg_id}_${type}`, msg_type: type };
  return { ...rest, header, metadata: {}, content, buffers: [] };
}

/** Makes the folder for overflowing output and removes files of it that are older than a week. */
export async function prepareOverflowFolder(folder: string, now: number = Date.now()): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const stats = await stat(file).catch(() => undefined);
    if (stats && now - stats.mtimeMs > 7 * 24 * 3600 * 1000) await rm(file, { force: true });
  }
}
