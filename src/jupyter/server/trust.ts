import { createHmac, randomBytes } from "node:crypto";
import { appendFile, link, mkdir, readFile, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { newTemporary, writeAtomically } from "../files/atomic-write.ts";
import { type Cell, canonicalJson, joinTexts, type Notebook } from "../files/notebook-json.ts";

/** As many notebooks as Jupyter remembers; beyond, the oldest quarter is forgotten. */
const defaultCapacity = 65_535;

/**
 * Which notebooks this machine's user has vouched for, by Jupyter's rules: a notebook is signed when it is saved
 * with every cell trusted (JupyterLab trusts a cell when it is run here, or when the user says so), and its
 * cells are marked trusted when it is opened only if its whole content bears that signature.
 * Key and signatures lie in the user's data folder, so no file that comes from elsewhere can trust itself.
 */
export class Notary {
  readonly #folder: string;
  readonly #capacity: number;
  #key: Promise<Buffer> | undefined;

  constructor(folder: string, capacity: number = defaultCapacity) {
    this.#folder = folder;
    this.#capacity = capacity;
  }

  get #signatureFile(): string {
    return path.join(this.#folder, "signatures");
  }

  /** The key is made once; of two servers that start together, both use the one that came first. */
  async #readKey(): Promise<Buffer> {
    const file = path.join(this.#folder, "signing-key");
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const existing = await readFile(file).catch(() => Buffer.alloc(0));
    if (existing.length >= 32) return existing;
    const own = randomBytes(64);
    if (existing.length > 0) {
      await writeAtomically(file, own, { mode: 0o600 }); // damaged
      return own;
    }
    // Written whole and then given its name, unless another server has been faster.
    const temporary = newTemporary(this.#folder);
    await writeFile(temporary, own, { mode: 0o600, flag: "wx", flush: true });
    try {
      await link(temporary, file);
      return own;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return await readFile(file);
      await writeAtomically(file, own, { mode: 0o600 }); // a file system without links
      return own;
    } finally {
      await unlink(temporary).catch(() => undefined);
    }
  }

  async #signature(notebook: Notebook): Promise<string> {
    this.#key ??= this.#readKey();
    // Lists of lines (the file) and whole strings (JupyterLab) are the same content.
    const content = joinTexts({ ...notebook, cells: notebook.cells.map(withoutTrust) });
    return createHmac("sha256", await this.#key)
      .update(canonicalJson(content))
      .digest("hex");
  }

  /** Read anew each time: another server or `jupyter` window may have signed in the meantime. */
  async #signatures(): Promise<Set<string>> {
    const text = await readFile(this.#signatureFile, "utf8").catch(() => "");
    return new Set(text.split("\n").filter((line) => /^[0-9a-f]{64}$/.test(line)));
  }

  /** For opening: sets `metadata.trusted` of every code cell to what the signature says, whatever the file says. */
  async mark(notebook: Notebook): Promise<Notebook> {
    const trusted = (await this.#signatures()).has(await this.#signature(notebook));
    const cells = notebook.cells.map((cell) =>
      cell.cell_type === "code" ? { ...cell, metadata: { ...cell.metadata, trusted } } : cell,
    );
    return { ...notebook, cells };
  }

  /** For saving: signs if all cells may be trusted, and returns what to write, without any mark of trust. */
  async sign(notebook: Notebook): Promise<Notebook> {
    const plain = { ...notebook, cells: notebook.cells.map(withoutTrust) };
    if (notebook.cells.every(mayBeTrusted)) await this.#remember(await this.#signature(plain));
    return plain;
  }

  async #remember(signature: string): Promise<void> {
    const known = await this.#signatures();
    if (known.has(signature)) return;
    if (known.size + 1 > this.#capacity) {
      const kept = [...known].slice(-Math.max(1, Math.floor(0.75 * this.#capacity)));
      await writeAtomically(this.#signatureFile, `${[...kept, signature].join("\n")}\n`, { mode: 0o600 });
      return;
    }
    await appendFile(this.#signatureFile, `${signature}\n`, { mode: 0o600 });
  }
}

/** A cell is trusted if it was run or trusted here, or if it has no output but plain text streams and errors. */
function mayBeTrusted(cell: Cell): boolean {
  if (cell.cell_type !== "code" || cell.metadata["trusted"] === true) return true;
  return !(cell.outputs ?? []).some(
    (output) =>
      output.output_type !== "stream" &&
      output.output_type !== "error" &&
      !(output.data === undefined || Object.keys(output.data).length === 0),
  );
}

function withoutTrust(cell: Cell): Cell {
  const { trusted: _, ...metadata } = cell.metadata;
  return { ...cell, metadata };
}
