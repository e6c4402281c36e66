/** Checks of what a caller hands to the client: what would otherwise wait for ever or fail far from its cause. */
import { ArgumentError, describe, expectNumber, expectOptions } from "../../errors.ts";
import * as expect from "../../expect.ts";
import type { KernelOptions } from "./kernel-process.ts";
import type { RequestOptions } from "./requests.ts";

/** Node fires a timer at once whose delay does not fit into 31 bits. */
const LONGEST_MS = 2 ** 31 - 1;

/** @throws {ArgumentError} unless it is a time that a timer can wait. */
export function milliseconds(value: number, what: string): number {
  return expectNumber(value, `${what} (ms)`, { above: 0, max: LONGEST_MS });
}

/** @throws {ArgumentError} naming the option of `new KernelProcess` that cannot be. */
export function kernelOptions(options: KernelOptions): void {
  const known = ["spec", "name", "resourceDir", "cwd", "env", "startTimeoutMs"];
  expectOptions(options, known, "KernelProcess");
  expect.type(options.name, "a text", "KernelProcess: the kernel's name");
  const { spec, name, startTimeoutMs } = options;
  if (!Array.isArray(spec?.argv) || spec.argv.length === 0 || spec.argv.some((s) => typeof s !== "string")) {
    throw new ArgumentError(
      `KernelProcess "${name}": spec must be a kernelspec with its command in argv, got ${describe(spec)}; ` +
        "give the spec that resolveKernelSpec(name) finds",
    );
  }
  if (startTimeoutMs !== undefined) milliseconds(startTimeoutMs, `KernelProcess "${name}": startTimeoutMs`);
}

/** @throws {ArgumentError} naming the part of a request that no kernel could answer. */
export function request(type: string, content: object, options: RequestOptions): void {
  expect.type(type, "a text", "request: the message's type");
  if (!/^\w+_request$/.test(type)) {
    throw new ArgumentError(
      `request: a message of type "${type}" gets no reply; use a …_request, or send() for others`,
    );
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new ArgumentError(`${type}: its content must be an object, got ${describe(content)}`);
  }
  const { channel, until, timeoutMs, silenceMs } = options;
  if (channel !== undefined) expect.oneOf(channel, ["shell", "control"], `${type}: channel`);
  if (until !== undefined) expect.oneOf(until, ["idle", "reply"], `${type}: until`);
  if (timeoutMs !== undefined) milliseconds(timeoutMs, `${type}: timeoutMs`);
  if (silenceMs !== undefined) milliseconds(silenceMs, `${type}: silenceMs`);
}
