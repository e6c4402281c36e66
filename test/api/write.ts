/** Where the reference stands, and what should stand there. */
import { fileURLToPath } from "node:url";
import { readExamples } from "./examples.ts";
import { apiPages } from "./markdown.ts";
import { readApi } from "./model.ts";

export const API: string = fileURLToPath(new URL("../../src/api/", import.meta.url));

/** File name → text. */
export function apiFiles(): Map<string, string> {
  const examples = new Map(
    readExamples().flatMap((example) => example.names.map((name) => [name, example] as const)),
  );
  return apiPages(readApi(), examples);
}
