import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { InstalledKernelSpec } from "../../../src/jupyter/kernelspec/index.ts";
import { builtKernel } from "../kernel/build.ts";

/** A code cell: its source, its tags and other fields. */
export type TestCell =
  | string
  | { source: string; tags?: string[]; metadata?: object; outputs?: object[]; type?: string };

/** A notebook of format 4.5 with the cells' places as ids: c1, c2, … */
export function notebook(cells: TestCell[], kernel = "fake") {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: kernel, display_name: kernel } },
    cells: cells.map((one, i) => {
      const {
        source,
        tags,
        metadata,
        outputs,
        type = "code",
      } = typeof one === "string" ? { source: one } : one;
      const cell = {
        cell_type: type,
        id: `c${i + 1}`,
        metadata: { ...metadata, ...(tags && { tags }) },
        source,
      };
      return type === "code" ? { ...cell, outputs: outputs ?? [], execution_count: null } : cell;
    }),
  } as never as import("../../../src/jupyter/execute/index.ts").NotebookWithIds;
}

/** A folder that is gone after the suite. */
export function temporaryFolder(): { path: string; file(name: string, content: unknown): string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), "unrolled execute "));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    path: folder,
    file(name, content) {
      const file = path.join(folder, name);
      writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
      return file;
    },
  };
}

/** Our kernel, compiled from its source as it is now. */
export async function ourKernel(): Promise<InstalledKernelSpec> {
  return {
    name: "unrolled",
    resourceDir: "",
    spec: {
      argv: [process.execPath, await builtKernel(), "--connection-file", "{connection_file}"],
      display_name: "TypeScript (Unrolled)",
      language: "typescript",
      interrupt_mode: "message",
    },
  };
}
