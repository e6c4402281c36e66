// Compiles the AssemblyScript sources of this folder into `modules.ts`, once for each variant.
// Usage: node src/kernels/wasm/build.mjs [--force]      without --force only if the sources or this file changed
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const sources = path.join(here, "assembly");
const target = path.join(here, "modules.ts");

/** One module each; `wide` is for machines where V8 makes one 256-bit operation of two of 128 bits. */
const variants = {
  plain: { columns: 8, features: [] },
  relaxed: { columns: 8, features: ["relaxed-simd"] },
  wide: { columns: 16, features: ["relaxed-simd"] },
};

/** Bytes at the start of the memory that constants may fill (`RESERVED` in engine.ts). */
const RESERVED = 4096;

export function sourceHash() {
  const hash = createHash("sha256").update(readFileSync(fileURLToPath(import.meta.url)));
  for (const file of readdirSync(sources).sort()) {
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(path.join(sources, file)));
  }
  return hash.digest("hex");
}

/** The text of `modules.ts`: the same for the same sources, on every machine. */
export async function modulesText() {
  const entries = [];
  for (const [name, variant] of Object.entries(variants)) {
    const binary = await compile(variant);
    const base64 = Buffer.from(binary).toString("base64");
    const flag = memoryFlagAt(binary);
    entries.push(
      `  ${name}: { columns: ${variant.columns}, relaxed: ${variant.features.length > 0}, flagAt: ${flag}, base64:\n    "${base64}" },`,
    );
  }
  return `// Made by \`node src/kernels/wasm/build.mjs\` from the files in assembly/; not to be edited.
// sources: ${sourceHash()}
import type { EmbeddedModule } from "./variants.ts";

export const modules: Record<"plain" | "relaxed" | "wide", EmbeddedModule> = {
${entries.join("\n")}
};
`;
}

async function compile({ columns, features }) {
  const { main } = await import("assemblyscript/asc");
  let binary;
  const { error, stderr } = await main(
    [
      "index.ts",
      "--outFile",
      "out.wasm",
      "-O3",
      "--runtime",
      "stub",
      "--noAssert",
      "--importMemory",
      "--initialMemory",
      "1",
      "--maximumMemory",
      "65536",
      ...["simd", "threads", ...features].flatMap((feature) => ["--enable", feature]),
      ...["--use", `TILE_COLUMNS=${columns}`],
    ],
    {
      readFile: (name, folder) => {
        const file = path.resolve(sources, folder, name);
        return existsSync(file) ? readFileSync(file, "utf8") : null;
      },
      writeFile: (name, contents) => {
        if (name.endsWith(".wasm")) binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`AssemblyScript: ${error.message}\n${stderr}`);
  checkConstants(binary);
  return binary;
}

/**
 * One binary works with memory of its own and with memory shared between threads: a single byte says which, in the
 * import `memory`, of the kind 2 (memory), with the flags 1 (has a maximum) or 3 (is shared too).
 */
function memoryFlagAt(binary) {
  const before = Buffer.from("\x06memory\x02\x01", "latin1");
  const at = Buffer.from(binary).indexOf(before);
  if (at < 0) throw new Error("the module does not import a memory with a maximum");
  return at + before.length - 1;
}

function checkConstants(binary) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  try {
    new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return; // relaxed SIMD is unknown here; `plain` has the same constants
    throw error;
  }
  if (new Uint8Array(memory.buffer).findLastIndex((byte) => byte !== 0) >= RESERVED) {
    throw new Error(`the constants do not fit into the first ${RESERVED} bytes`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const old = existsSync(target) ? readFileSync(target, "utf8") : "";
  if (process.argv.includes("--force") || !old.includes(`// sources: ${sourceHash()}\n`)) {
    writeFileSync(target, await modulesText());
    process.stdout.write(`${path.relative(process.cwd(), target)} written\n`);
  }
}
