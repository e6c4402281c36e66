/** The licences of what is in the bundle, from the installed packages. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { standardText } from "./licence-texts.mjs";

/** All of these allow the bundle to be passed on with their notice. */
const allowed = new Set(["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "Unlicense"]);

/**
 * @param {string[]} files of the bundle, absolute
 * @returns {{ name: string; versionInfo: string; licenseId: string; extractedText: string }[]} sorted by name
 * @throws naming every package whose licence is unknown or not one of the permissive ones.
 */
export function collectNotices(files) {
  const folders = new Set(files.map(packageFolder).filter((folder) => folder !== undefined));
  const notices = [...folders].map(readNotice);
  const refused = notices.filter(({ licenseId, extractedText }) => !isAllowed(licenseId) || !extractedText);
  if (refused.length > 0) {
    const list = refused.map(
      ({ name, versionInfo, licenseId }) => `${name}@${versionInfo}: ${licenseId || "no licence"}`,
    );
    throw new Error(
      `packages that may not go into the bundle, by their licence or for want of its text:\n  ${list.join("\n  ")}`,
    );
  }
  const key = ({ name, versionInfo }) => `${name}@${versionInfo}`;
  const unique = new Map(notices.map((notice) => [key(notice), notice]));
  return [...unique.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The folder of the package that a file belongs to; undefined for this project's own files. */
function packageFolder(file) {
  const parts = file.split(path.sep);
  const last = parts.lastIndexOf("node_modules");
  if (last < 0) return undefined;
  return parts.slice(0, last + (parts[last + 1].startsWith("@") ? 3 : 2)).join(path.sep);
}

function readNotice(folder) {
  const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const licenseId = licenceOf(manifest);
  const files = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort();
  const texts = files.map((file) => readFileSync(path.join(folder, file), "utf8").trim());
  const author = typeof manifest.author === "string" ? manifest.author : manifest.author?.name;
  return {
    name: manifest.name,
    versionInfo: manifest.version,
    licenseId,
    extractedText: texts.join("\n\n") || standardText(licenseId, author ?? manifest.name),
  };
}

/** Also in the forms that npm gave up in 2015: an object, or a list of them to choose from. */
function licenceOf({ license, licenses }) {
  if (Array.isArray(licenses)) return licenses.map(({ type }) => type).join(" OR ");
  return typeof license === "string" ? license : (license?.type ?? "");
}

/** SPDX expressions as they occur: `A`, `(A OR B)`, `A AND B`. */
export function isAllowed(expression) {
  const bare = expression.trim().replace(/^\((.*)\)$/, "$1");
  if (/\sOR\s/.test(bare)) return bare.split(/\s+OR\s+/).some(isAllowed);
  if (/\sAND\s/.test(bare)) return bare.split(/\s+AND\s+/).every(isAllowed);
  return allowed.has(bare);
}

export function noticesText(notices) {
  const head = "The user interface of unrolled contains the following packages.";
  const line = "-".repeat(80);
  const entries = notices.map(
    ({ name, versionInfo, licenseId, extractedText }) =>
      `${line}\n${name} ${versionInfo} (${licenseId})\n${line}\n\n${extractedText}\n`,
  );
  return [head, ...entries].join("\n\n");
}
