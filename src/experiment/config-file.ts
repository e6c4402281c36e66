/** Configurations from files. */
import { readFileSync } from "node:fs";
import { ArgumentError, DataError } from "../errors.ts";
import { checkConfig, type ExperimentConfig } from "./config.ts";

/**
 * A configuration from a file, with some settings changed: "optimizer.lr=0.01". A value is JSON, or a text as it stands.
 * @throws {DataError} if the file cannot be read or is not JSON (with the line), {ArgumentError} as `checkConfig`.
 */
export function withSettings(path: string, settings: readonly string[] = []): ExperimentConfig {
  const config = checkConfig(readJson(path), path);
  for (const setting of settings) {
    const at = setting.indexOf("=");
    if (at < 1)
      throw new ArgumentError(`a setting is PATH=VALUE, such as optimizer.lr=0.01, got "${setting}"`);
    const keys = setting.slice(0, at).split(".");
    let place = config as unknown as Record<string, unknown>;
    for (const key of keys.slice(0, -1)) {
      const inner = Object.hasOwn(place, key) ? place[key] : undefined;
      if (typeof inner !== "object" || inner === null)
        Object.defineProperty(place, key, { value: {}, ...OWN });
      place = place[key] as Record<string, unknown>;
    }
    Object.defineProperty(place, keys[keys.length - 1], { value: parsed(setting.slice(at + 1)), ...OWN });
  }
  return settings.length === 0 ? config : checkConfig(config, `${path} with ${settings.join(" ")}`);
}

/** Defined, not assigned: `__proto__` is a name like any other, and refused as unknown. */
const OWN = { configurable: true, enumerable: true, writable: true };

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** @throws {DataError} naming the file and the line. */
export function readJson(path: string): unknown {
  let source: string;
  try {
    source = readFileSync(path, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = { ENOENT: "there is no such file", EISDIR: "this is a folder" }[code ?? ""] ?? message;
    throw new DataError(`${path}: ${why}; give the path of a configuration`, { cause });
  }
  try {
    return JSON.parse(source);
  } catch (cause) {
    const line = lineOfError(source, (cause as Error).message);
    throw new DataError(`${path}, line ${line}: not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Node says where either by position or by quoting ten characters to each side. */
function lineOfError(source: string, message: string): number {
  const position = /position (\d+)/.exec(message)?.[1];
  const quoted = /(\.{3})?"([\s\S]*)"(?:\.{3})? is not valid JSON$/.exec(message);
  let at = position === undefined ? source.length : Number(position);
  if (position === undefined && quoted) {
    const token = /^Unexpected token '(.*)',/s.exec(message)?.[1] ?? "";
    const begin = source.indexOf(quoted[2]);
    at = quoted[1] ? begin + 10 : begin + Math.max(0, quoted[2].lastIndexOf(token));
  }
  return source.slice(0, at).split("\n").length;
}
