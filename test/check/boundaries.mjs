// Holds `src` to its order of imports, and finds cycles. Type-only imports vanish when the code runs; upward they are
// allowed only where UPWARD_TYPES says so.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const src = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../src");

/** What each part may import, besides itself. */
const BASE = ["errors", "expect", "random", "show"];
const CORE = [...BASE, "kernels", "array", "autograd", "ops", "fused"];
const LM = [...CORE, "nn", "optim", "text", "platform", "lm"];
export const ALLOWED = {
  errors: [],
  random: ["errors"],
  expect: ["errors", "random"],
  show: [],
  platform: ["errors", "random"],
  kernels: ["errors", "random"],
  array: [...BASE, "kernels"],
  autograd: [...BASE, "kernels", "array"],
  ops: [...BASE, "kernels", "array", "autograd"],
  fused: [...BASE, "kernels", "array", "autograd", "ops"],
  nn: CORE,
  optim: CORE,
  text: [...BASE, "platform"],
  lm: LM,
  data: LM,
  viz: LM,
  lectures: [...LM, "data", "viz"],
  play: LM,
  jupyter: [...BASE, "kernels"],
  experiment: ["errors", "platform", "text", "index"],
  cli: ["errors", "random", "platform", "kernels", "jupyter", "index", "lectures", "play", "experiment"],
};

/** `import type`s that may go upward: they describe methods that later modules add. */
const UPWARD_TYPES = ["autograd/methods.ts"];

/** [specifier, typeOnly] of each relative import and re-export. */
export function importsOf(text) {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const found = [];
  for (const [, kind, clause, specifier] of code.matchAll(
    /\b(import|export)\s+([^;"']*?\bfrom\s*)?["'](\.[^"']*|#platform)["']/g,
  )) {
    const names = (clause ?? "").replace(/\bfrom\s*$/, "").trim();
    const inner = /^\{([\s\S]*)\}$/.exec(names)?.[1];
    const named = (inner ?? "").split(",").filter((name) => name.trim() !== "");
    const allTypes = named.length > 0 && named.every((name) => /^type\s/.test(name.trim()));
    found.push([specifier, names.startsWith("type ") || allTypes, kind]);
  }
  for (const [, specifier] of code.matchAll(/\bimport\(\s*["'](\.[^"']*)["']\s*\)/g))
    found.push([specifier, false, "import()"]);
  return found;
}

const partOf = (file) => file.split("/")[0].replace(/\.ts$/, "");

export function problems() {
  const files = readdirSync(src, { recursive: true })
    .map((file) => file.split(path.sep).join("/"))
    .filter((file) => file.endsWith(".ts") && !file.includes("lab-ui/"));
  const out = [];
  const graph = new Map();
  for (const file of files) {
    const part = partOf(file);
    const targets = importsOf(readFileSync(path.join(src, file), "utf8")).map(([specifier, typeOnly]) => ({
      to:
        specifier === "#platform" ? "platform/node.ts" : path.posix.join(path.posix.dirname(file), specifier),
      typeOnly,
    }));
    graph.set(
      file,
      targets.filter((t) => !t.typeOnly).map((t) => t.to),
    );
    if (part === "index") continue;
    if (!ALLOWED[part]) out.push(`${file}: the part "${part}" has no place in the order of imports`);
    for (const { to, typeOnly } of targets) {
      const target = partOf(to);
      if (target === part || ALLOWED[part]?.includes(target)) continue;
      if (typeOnly && UPWARD_TYPES.includes(file)) continue;
      out.push(`${file} imports ${to}: "${part}" may import ${ALLOWED[part]?.join(", ") || "nothing"}`);
    }
  }
  return [...out, ...cycles(graph)];
}

/** Each cycle of run-time imports once, by depth-first search. */
export function cycles(graph) {
  const done = new Set();
  const trail = [];
  const out = [];
  const visit = (file) => {
    if (trail.includes(file)) out.push(`cycle: ${[...trail.slice(trail.indexOf(file)), file].join(" → ")}`);
    if (done.has(file) || trail.includes(file)) return;
    trail.push(file);
    for (const to of graph.get(file) ?? []) visit(to);
    trail.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return out;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = problems();
  for (const problem of found) process.stdout.write(`${problem}\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
