// Writes src/ops/README.md: `npm run docs`. Everything in it comes from the registry of ops, the sources of the ops and
// the golden files; test/ops/readme.test.ts fails when the file is not what this would write.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { registry } from "../../src/autograd/define.ts";
import { ops } from "../golden/core.ts";
import { loadCases } from "../golden/decode.ts";
import { calls } from "../ops/dispatch.ts";
import { conventions } from "./ops-conventions.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const README: string = path.join(root, "src/ops/README.md");

const sources = ["src/ops", "src/array"].map((folder) => {
  const files = readdirSync(path.join(root, folder)).filter((file) => file.endsWith(".ts"));
  return files.map((file) => readFileSync(path.join(root, folder, file), "utf8")).join("\n");
});
const [opsText] = sources;
const allText = sources.join("\n");

/** Splits at commas outside brackets. */
function parts(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    if (i === text.length || (text[i] === "," && depth === 0)) {
      found.push(text.slice(start, i).trim());
      start = i + 1;
    } else if ("([{<".includes(text[i])) depth++;
    else if (")]}>".includes(text[i]) && text[i - 1] !== "=") depth--;
  }
  return found.filter((part) => part !== "");
}

/** The keys of an options type: `{ dim?, keepdim? }`; "" if the type is none. */
function keysOf(type: string): string {
  const name = /^[A-Z]\w*/.exec(type)?.[0];
  const found =
    name &&
    new RegExp(`(?:interface|type) ${name}(?: extends (\\w+))?(?: =)? \\{([\\s\\S]*?)\\}`).exec(allText);
  const body = found ? found[2] : (/^\{(.*)\}/s.exec(type)?.[1] ?? "");
  const own = [...body.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(/(\w+\??):/g)].map((match) => match[1]);
  const inherited = found?.[1]
    ? keysOf(found[1])
        .replace(/^\{ | \}$/g, "")
        .split(", ")
    : [];
  const keys = [...inherited, ...own];
  return keys.length > 0 ? `{ ${keys.join(", ")} }` : "";
}

/** What stands between the brackets of a call: tensors first, then attributes, `?` where they may be left out. */
function parametersOf(name: string): string {
  const written = (text: string) =>
    parts(text).map((part) => {
      const [, left, type = ""] = /^(\{[\s\S]*?\}|[\w.]+\??)(?:: ([\s\S]*?))?(?: = [\s\S]*)?$/.exec(part)!;
      const optional = left.endsWith("?") || / = /.test(part) ? "?" : "";
      const options = keysOf(type.trim());
      return (options && !/^(Tensor|Range)/.test(type.trim()) ? options : left.replace("?", "")) + optional;
    });
  const direct =
    new RegExp(`export function ${name}\\(([\\s\\S]*?)\\): `).exec(opsText) ??
    new RegExp(`export const ${name}: \\(([\\s\\S]*?)\\) =>`).exec(opsText);
  if (direct) return written(direct[1]).join(", ");
  const alias = new RegExp(`export const ${name}: (\\w+)(?:<(\\w+)>)?`).exec(opsText)!;
  const type = new RegExp(`(?:export )?type ${alias[1]}(?:<\\w+>)? = \\(([\\s\\S]*?)\\) =>`).exec(opsText)!;
  return written(type[1].replace(/: O$/, `: ${alias[2]}`)).join(", ");
}

/** In the order of the sources; without ops that are defined elsewhere. */
function inOrder(names: string[]): string[] {
  const at = (name: string) => opsText.search(new RegExp(`export (?:const|function) ${name}\\b`));
  return names.filter((name) => at(name) >= 0).sort((a, b) => at(a) - at(b));
}

/** The first sentence of what stands above a definition. */
function sentenceOf(name: string): string {
  const place = new RegExp(`export (?:const|function) ${name}\\b`).exec(opsText)!.index;
  const comment = opsText.slice(opsText.lastIndexOf("/**", place), place);
  const text = comment
    .replace(/^\s*(?:\/\*\*|\*\/|\*(?!\/))\s?/gm, " ")
    .replace(/\*\/\s*$/, "")
    .replace(/\s+/g, " ")
    .trim();
  return /^.*?[.;](?= |$)(?! \.)/.exec(text)?.[0].replace(/;$/, ".") ?? text;
}

const cell = (text: string) => text.replace(/\|/g, "\\|");
const row = (...cells: string[]) => `| ${cells.map(cell).join(" | ")} |`;
const callOf = (name: string) => `\`${name}(${parametersOf(name)})\``;

/** Ops that PyTorch has and the plan named, but that have no reference values. */
const WITHOUT_VALUES = ["repeat", "scatterAdd", "tril", "triu"];

/** What the library does without: no layer and no lecture uses it. */
export function leftOut(): string[] {
  const files = ["elementwise", "reduce", "matmul", "softmax", "shape", "edges"];
  const known = files.flatMap((file) => loadCases<{ op: string }>(`ops_${file}`).map(({ op }) => op));
  return [...new Set([...known, ...WITHOUT_VALUES])].filter((name) => !(name in calls)).sort();
}

export function opsReadme(): string {
  const own = inOrder([...registry.keys()]).map((name) => registry.get(name)!);
  const composed = inOrder(Object.keys(ops).filter((name) => !registry.has(name)));
  const lines = [
    "<!-- Written by `npm run docs` from the registry of ops. Do not edit. -->",
    "",
    "# Ops",
    "",
    "Every op is a function, and a method of its first tensor: `ops.add(a, b)` is `a.add(b)`. A number in place of a tensor",
    "stands for a 0-d tensor. All operands of an op are float32, or all float64; ids, indices and masks are int32.",
    "",
    `## ${own.length} ops with a derivative of their own`,
    "",
    "One literal each holds name, formula, value, derivative and samples; gradcheck, the golden test and this table walk them.",
    "dy is the gradient of the loss with respect to y, dx that with respect to x; ⊙ multiplies element by element.",
    "",
    row("call", "value", "gradient", "inputs"),
    row("---", "---", "---", "---"),
    ...own.map(({ name, formula, inputs }) => {
      const [value, gradient = "none"] = formula.split("; ");
      const kinds = Object.entries(inputs ?? { xs: "any" }).map(([input, kind]) => `${input} ${kind}`);
      return row(callOf(name), value, gradient, kinds.join(", "));
    }),
    "",
    `## ${composed.length} functions composed of them`,
    "",
    row("call", "what it does"),
    row("---", "---"),
    ...composed.map((name) => row(callOf(name), sentenceOf(name))),
    "",
    "## Conventions",
    "",
    "Where a derivative does not exist, or a result is a matter of agreement:",
    "",
    row("case", "here", "PyTorch"),
    row("---", "---", "---"),
    ...conventions.map((c) => row(c.what, c.here, c.torch)),
    "",
    "## Left out",
    "",
    "Common ops that no layer and no lecture uses:",
    `${leftOut().join(", ")}.`,
    "",
  ];
  return lines.join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(README, opsReadme());
