import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { encodeCheckpoint } from "../lm/checkpoint/checkpoint.ts";
import type { NeuralLM } from "../lm/neural/neural-lm.ts";

/** A page that shows one model; `text` is what its field holds at first. */
export interface PlayOptions {
  model: NeuralLM;
  name: string;
  text: string;
}

/** The built page, also when this file runs from its source. */
const built = fileURLToPath(new URL("../../dist/play/page/", import.meta.url));

/**
 * The playground as static files: name → content. They need no server and no network; `index.html` may be opened as a file.
 * The checkpoint in them holds the model alone, without the optimizer.
 * @throws {CheckpointError} for a model that a checkpoint cannot hold.
 */
export function playFiles({ model, name, text }: PlayOptions): Map<string, Uint8Array> {
  const { bytes } = encodeCheckpoint({ model });
  const checkpoint = Buffer.from(bytes).toString("base64");
  const script = `globalThis.unrolledModel = ${JSON.stringify({ name, text, checkpoint })};\n`;
  const files = new Map<string, Uint8Array>();
  for (const file of ["index.html", "style.css", "play.js"])
    files.set(file, readFileSync(path.join(built, file)));
  return files.set("model.js", Buffer.from(script, "utf8"));
}

/** Writes the files into a folder, which is made if it is not there. */
export function exportPlay(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of files) writeFileSync(path.join(folder, name), content);
}
