import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";

/**
 * Markdown of the lectures as it is right in the learner's folder. JupyterLab opens files of this folder and nothing
 * else: a link to a folder becomes one to its first notebook, and one that leads out of it, or to what is not copied,
 * becomes its text.
 * @param originals the folder of which all is copied.
 * @param name the file, relative to it.
 * @param copied whether a file is copied.
 */
export function linksForLearner(
  markdown: string,
  originals: string,
  name: string,
  copied: (name: string) => boolean = () => true,
): string {
  const link = /`[^`]*`|!?\[((?:[^[\]]|!\[[^\]]*\]\([^)]*\))*)\]\(([^()\s]+)\)/g;
  return markdown.replace(link, (whole: string, text?: string, target?: string) => {
    if (text === undefined || target === undefined) return whole; // code
    if (/^([a-z][a-z0-9+.-]*:|\/\/|#)/i.test(target)) return whole;
    const [file, ...fragment] = target.split("#");
    const place = path.posix.join(path.posix.dirname(name), file);
    const found = place.startsWith("..") ? undefined : openable(originals, place, copied);
    if (found === undefined) return text;
    if (found === place) return whole;
    const there = path.posix.relative(path.posix.dirname(name), found);
    return whole.replace(`(${target})`, `(${[there, ...fragment].join("#")})`);
  });
}

/** A file is opened itself, a folder by its first notebook. */
function openable(originals: string, place: string, copied: (name: string) => boolean): string | undefined {
  const file = path.join(originals, place);
  if (!existsSync(file)) return undefined;
  if (!statSync(file).isDirectory()) return copied(place) ? place : undefined;
  const notebooks = readdirSync(file).filter((one) => one.endsWith(".ipynb") && !one.startsWith("."));
  return notebooks
    .sort()
    .map((one) => path.posix.join(place, one))
    .find(copied);
}
