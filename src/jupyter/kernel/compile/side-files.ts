/**
 * Source files that cells import from the notebook's folder. They are looked at before each cell, so that an edit
 * counts at once, and no watcher of the operating system is needed.
 */
import { statSync } from "node:fs";
import type { TS } from "./tslab.ts";

export class SideFiles {
  readonly #files: Map<string, { callback: TS.FileWatcherCallback; stamp: string }> = new Map();
  readonly #changedKind = 1;

  watch(fileName: string, callback: TS.FileWatcherCallback): TS.FileWatcher {
    this.#files.set(fileName, { callback, stamp: stampOf(fileName) });
    return { close: () => this.#files.delete(fileName) };
  }

  /** Reports every file that changed since it was looked at last. */
  check(): void {
    for (const [fileName, file] of this.#files) {
      const stamp = stampOf(fileName);
      if (stamp === file.stamp) continue;
      file.stamp = stamp;
      file.callback(fileName, this.#changedKind);
    }
  }
}

function stampOf(fileName: string): string {
  const stats = statSync(fileName, { throwIfNoEntry: false });
  return stats ? `${stats.mtimeMs} ${stats.size} ${stats.ino}` : "";
}
