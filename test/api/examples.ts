/**
 * The examples of the reference. In `examples/*.ts` each is a block below a comment with the names that it is for:
 *
 *     // optim.Adam optim.AdamW
 *     {
 *       const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
 *       optimizer.lr; // 0.001
 *     }
 *
 * The compiler checks them with the tests, and a test runs them: a statement that is one line with an expression and a
 * comment must give what the comment says. `node … test/api/renew.ts` writes these comments anew.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { transformSync } from "esbuild";
import * as unrolled from "../../src/index.ts";

export const FOLDER: string = fileURLToPath(new URL("./examples/", import.meta.url));

export interface Example {
  names: readonly string[];
  /** Without the block's brackets and indentation. */
  code: string;
  file: string;
  /** Of the first line of the code, counted from 1. */
  line: number;
}

export function readExamples(): Example[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .flatMap((name) => {
      const text = readFileSync(path.join(FOLDER, name), "utf8");
      return [...text.matchAll(/^\/\/ ([\w. ]+)\n\{\n([\s\S]*?)\n\}$/gm)].map((match) => ({
        names: match[1].trim().split(/ +/),
        code: match[2].replace(/^ {2}/gm, ""),
        file: name,
        line: text.slice(0, match.index).split("\n").length + 2,
      }));
    });
}

const WIDTH = 100;

/** A value as it stands behind `//`: numbers with five digits, long ones cut. */
export function written(value: unknown): string {
  const text =
    value instanceof unrolled.Tensor
      ? String(value)
      : inspect(rounded(value), {
          depth: 4,
          breakLength: Number.POSITIVE_INFINITY,
          maxArrayLength: 12,
          compact: true,
        });
  const line = text.replace(/\s*\n\s*/g, " ");
  return [...line].length > WIDTH ? `${[...line].slice(0, WIDTH - 1).join("")}…` : line;
}

function rounded(value: unknown): unknown {
  if (typeof value === "number") return Number(value.toPrecision(5));
  if (Array.isArray(value)) return value.map(rounded);
  if (value instanceof Float32Array || value instanceof Float64Array) return [...value].map(rounded);
  if (value && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, rounded(one)]));
  }
  return value;
}

/** A statement that is an expression on one line, with what it gives. */
const SHOWN = /^(\s*)(?!const |let |for |if |while |throw |return |class |\/\/|[)\]}.\s])(.+?); \/\/ (.*)$/;

const namesOf = Object.keys(unrolled);

/** Runs an example. @returns for each line that shows something: its number, what it gave and what is written. */
export async function runExample({
  code,
  line,
}: Example): Promise<{ line: number; given: string; expected: string }[]> {
  const shown: { line: number; given: string; expected: string }[] = [];
  const lines = code.split("\n").map((text, i) => {
    const match = SHOWN.exec(text);
    if (!match) return text;
    return `${match[1]}__shown(${line + i}, ${match[2]}, ${JSON.stringify(match[3])});`;
  });
  const { code: script } = transformSync(lines.join("\n"), { loader: "ts", target: "es2022" });
  const AsyncFunction = (async () => undefined).constructor as new (
    ...args: string[]
  ) => (...values: unknown[]) => Promise<void>;
  const note = (at: number, value: unknown, expected: string) => {
    // What gives nothing has a remark behind it, not a value.
    if (value !== undefined) shown.push({ line: at, given: written(value), expected });
  };
  const [home, folder] = [process.cwd(), mkdtempSync(path.join(tmpdir(), "unrolled-example-"))];
  process.chdir(folder); // files are written by bare names
  try {
    await new AsyncFunction(...namesOf, "__shown", `{${script}}`)(...Object.values(unrolled), note);
  } finally {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  }
  return shown;
}
