import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ArgumentError, UnrolledError } from "../../../src/errors.ts";
import * as client from "../../../src/jupyter/client/index.ts";
import * as kernelspec from "../../../src/jupyter/kernelspec/index.ts";
import { type Anything, assertAllRefused, type Refusal } from "../../refusals.ts";
import { cell, fakeKernel } from "./fake-kernel.ts";

const { KernelDiedError, KernelTimeoutError, MessageError } = client;
const { KernelProcess, Session } = client as unknown as Anything;
const { resolveKernelSpec, installKernelSpec, placeFolder } = kernelspec as unknown as Anything;

const fake = fakeKernel();
const session = new Session({ key: "k" });
const itself: Record<string, unknown> = {};
itself["itself"] = itself;
const send = (content: object, more: object = {}) =>
  session.serialize(session.message("a_request", content, more));

const MESSAGES: Refusal[] = [
  [() => send({ n: 1n }), MessageError, /the content of a_request must be JSON: .*BigInt/],
  [() => send(itself), MessageError, /the content of a_request must be JSON: .*circular/],
  [() => send({}, { metadata: { n: 1n } }), MessageError, /the metadata of a_request must be JSON/],
  [() => send({}, { parent: itself }), MessageError, /the parent header of a_request must be JSON/],
  [() => session.frame([Buffer.from("{}")]), MessageError, /1 parts, at least 4/],
];

const made = (options: object) => new KernelProcess({ ...fake, ...options });
const OPTIONS: Refusal[] = [
  [() => new KernelProcess(), ArgumentError, /KernelProcess: give the options .*spec, name.*got undefined/],
  [() => new KernelProcess([]), ArgumentError, /KernelProcess: give the options .*got an array/],
  [() => made({ name: undefined }), ArgumentError, /kernel's name must be a text, got undefined/],
  [() => made({ name: 5 }), ArgumentError, /kernel's name must be a text, got 5/],
  [() => made({ spec: undefined }), ArgumentError, /"fake": spec must be a kernelspec .*got undefined/],
  [() => made({ spec: {} }), ArgumentError, /"fake": spec must be a kernelspec .*resolveKernelSpec/],
  [() => made({ spec: { argv: [] } }), ArgumentError, /"fake": spec must be a kernelspec/],
  [() => made({ spec: { argv: ["node", 1] } }), ArgumentError, /"fake": spec must be a kernelspec/],
  [() => made({ wd: "/" }), ArgumentError, /KernelProcess: there is no option "wd".*cwd/],
  [() => made({ startTimeoutMs: 0 }), ArgumentError, /startTimeoutMs \(ms\) must be .*> 0.*got 0/],
  [() => made({ startTimeoutMs: "60" }), ArgumentError, /startTimeoutMs \(ms\) must be .*got "60"/],
  [() => made({ startTimeoutMs: 1e12 }), ArgumentError, /startTimeoutMs \(ms\) must be .*≤ 2147483647/],
];

const started = (options: object) => made(options).start();
const STARTS: Refusal[] = [
  [
    () => started({ spec: { ...fake.spec, argv: ["node"] } }),
    ArgumentError,
    /"fake": argv has no \{connection_file\}/,
  ],
  [
    () => started({ spec: { ...fake.spec, argv: ["/no/program", "{connection_file}"] } }),
    KernelDiedError,
    /"fake" could not be started: there is no program "\/no\/program"/,
  ],
  [() => started({ cwd: "/no/folder" }), KernelDiedError, /"fake" .*folder \/no\/folder does not exist/],
];

/** What a kernel that runs is asked. */
const requests = (kernel: Anything): Refusal[] => {
  const ask = (options: object) => kernel.request("execute_request", { code: cell() }, options);
  return [
    [() => kernel.start(), ArgumentError, /"fake" is running already.*restart/],
    [() => kernel.request(), ArgumentError, /request: the message's type must be a text, got undefined/],
    [() => kernel.request("execute", {}), ArgumentError, /type "execute" gets no reply; use a …_request/],
    [() => kernel.request("comm_open", {}), ArgumentError, /type "comm_open" gets no reply/],
    [
      () => kernel.request("execute_request"),
      ArgumentError,
      /execute_request: its content must be an object/,
    ],
    [() => kernel.request("execute_request", "1"), ArgumentError, /execute_request: its content must .*"1"/],
    [
      () => kernel.request("execute_request", [1]),
      ArgumentError,
      /its content must be an object, got an array/,
    ],
    [
      () => kernel.request("execute_request", { code: 1n }),
      MessageError,
      /content of execute_request must be/,
    ],
    [() => ask({ channel: "stdin" }), ArgumentError, /execute_request: channel must be "shell" or "control"/],
    [
      () => ask({ until: "done" }),
      ArgumentError,
      /execute_request: until must be "idle" or "reply", got "done"/,
    ],
    [() => ask({ timeoutMs: 0 }), ArgumentError, /execute_request: timeoutMs \(ms\) must be .*> 0.*got 0/],
    [
      () => ask({ timeoutMs: Number.NaN }),
      ArgumentError,
      /timeoutMs \(ms\) must be a finite number.*got NaN/,
    ],
    [() => ask({ timeoutMs: "5" }), ArgumentError, /timeoutMs \(ms\) must be a finite number.*got "5"/],
    [() => ask({ silenceMs: -1 }), ArgumentError, /execute_request: silenceMs \(ms\) must be .*got -1/],
    [() => kernel.ping(0), ArgumentError, /ping: the time limit \(ms\) must be .*got 0/],
    [
      () => kernel.send(session.message("status", {}, { channel: "iopub" })),
      ArgumentError,
      /cannot send on "iopub"; use shell, control, stdin/,
    ],
    [() => kernel.relay("shout", []), MessageError, /0 parts, at least 4/],
    [
      () =>
        kernel.relay(
          "shout",
          ["{}", "{}", "{}", "{}"].map((part) => Buffer.from(part)),
        ),
      ArgumentError,
      /cannot send on "shout"; use/,
    ],
    [
      () => kernel.request("execute_request", { code: cell(["hang"]) }, { timeoutMs: 50 }),
      KernelTimeoutError,
      /no answer to execute_request within 0\.05 s; interrupt/,
    ],
  ];
};

/** What one that does not run is asked. */
const stopped = (kernel: Anything): Refusal[] => [
  [() => kernel.request("execute_request", { code: "" }), ArgumentError, /"fake" is not running .*start/],
  [() => kernel.send(session.message("input_reply", {})), ArgumentError, /"fake" is not running .*start/],
  [() => kernel.interrupt(), ArgumentError, /"fake" is not running and cannot be interrupted; call start/],
];

const specs = (folder: string): Refusal[] => [
  [
    () => resolveKernelSpec("nope", [folder]),
    UnrolledError,
    /no kernel "nope"\. Known kernels: broken, unrolled|no kernel "nope"\. Known kernels: unrolled/,
  ],
  [() => resolveKernelSpec("broken", [folder]), UnrolledError, /"broken" cannot be used: .*kernel\.json/],
  [
    () => installKernelSpec(path.join(folder, "file")),
    UnrolledError,
    /cannot write the kernelspec: .*--prefix/,
  ],
  [() => placeFolder({ kind: "prefix", prefix: "" }), ArgumentError, /--prefix needs a folder/],
];

describe("jupyter client: bad calls are refused with class, name and remedy", () => {
  it(`${MESSAGES.length} of messages`, () => assertAllRefused(MESSAGES));
  it(`${OPTIONS.length} of kernels that cannot be`, () => assertAllRefused(OPTIONS));
  it(`${STARTS.length} of starts`, () => assertAllRefused(STARTS));

  it("of a kernel that runs, which goes on answering, and of one that does not", async () => {
    const kernel = new client.KernelProcess(fake);
    await assertAllRefused(stopped(kernel as unknown as Anything));
    await kernel.start();
    try {
      await assertAllRefused(requests(kernel as unknown as Anything));
      await kernel.interrupt();
      await kernel.request("execute_request", { code: cell() }, { timeoutMs: 10_000 });
    } finally {
      await kernel.shutdown();
    }
    await assertAllRefused(stopped(kernel as unknown as Anything));
  });

  it("of kernelspecs", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "unrolled-refused-"));
    try {
      mkdirSync(path.join(folder, "kernels", "broken"), { recursive: true });
      writeFileSync(path.join(folder, "kernels", "broken", "kernel.json"), "{");
      writeFileSync(path.join(folder, "file"), "");
      await assertAllRefused(specs(folder));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
