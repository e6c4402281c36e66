import assert from "node:assert/strict";
import type { Machine } from "../../src/cli/doctor/facts.ts";
import { optionalPackages, PURPOSES, packageJson } from "../../src/cli/doctor/facts.ts";
import type { Computing } from "../../src/cli/doctor/kernels.ts";
import { type Diagnosis, hints, problemsOf, report } from "../../src/cli/doctor/report.ts";
import { INSTALLABLE, MissingPackageError } from "../../src/errors.ts";
import { unrolled } from "./unrolled.ts";

const machine: Machine = {
  unrolled: "0.1.0",
  folder: "/package",
  node: "22.20.0",
  nodeWanted: "^20.19 || >=22.12",
  v8: "12.4",
  platform: "linux x64, Linux 6.1",
  processor: "a processor",
  cores: 4,
  coresUsable: 4,
  memoryBytes: 8 * 2 ** 30,
  memoryFreeBytes: 2 ** 30,
  memoryLimitBytes: null,
  heapLimitBytes: 4 * 2 ** 30,
  simdFlags: [],
  simdFlagsGiven: true,
};

const computing: Computing = {
  info: {
    tier: "blas",
    engine: "OpenBLAS 1 (core) + wasm relaxed 4×8",
    variant: "OpenBLAS",
    fma: true,
    tile: "4×8",
    threads: 2,
    fingerprint: "f",
    chosenBy: "default",
    tiers: [],
  },
  problem: null,
  trials: [
    { kernels: "blas", works: true, detail: "OpenBLAS", gigaflops: 101.23 },
    { kernels: "wasm/wide", works: false, detail: "V8 does not", gigaflops: null },
  ],
  blas: {
    found: "OpenBLAS 1, core (lib)",
    attempts: [{ file: "lib", result: "OpenBLAS 1" }],
    folders: ["/usr/lib"],
  },
  variables: {},
  threads: { count: 2, reason: "4 cores", running: 2, problem: null },
};

const healthy: Diagnosis = {
  machine,
  computing,
  corpora: { folder: null, folderExists: false, present: ["names"], absent: ["ptb-train"], problem: null },
  jupyter: { built: true, program: "/k.js", registered: "/j", problem: null, folders: [], jupyter: null },
  packages: [
    { name: "koffi", wanted: "^3.3.4", installed: "3.3.4", purpose: "BLAS" },
    { name: "ws", wanted: "^8.18.0", installed: null, purpose: "lab" },
  ],
};

const without: Computing["blas"] = {
  found: null,
  attempts: [{ file: "koffi", result: "the optional package koffi is not installed (npm install koffi)" }],
  folders: [],
};

describe("doctor: problems", () => {
  it("are none on a healthy machine, even without what is optional", () => {
    assert.deepEqual(problemsOf(healthy), []);
    assert.deepEqual(problemsOf({ ...healthy, computing: { ...computing, blas: without } }), []);
  });

  const broken: [string, Diagnosis, RegExp][] = [
    [
      "an old Node.js",
      { ...healthy, machine: { ...machine, node: "20.9.0" } },
      /^Node\.js 20\.9\.0 is too old/,
    ],
    [
      "kernels that are none",
      { ...healthy, computing: { ...computing, problem: "no kernels x" } },
      /^no kernels x$/,
    ],
    [
      "a BLAS that does not open",
      {
        ...healthy,
        computing: {
          ...computing,
          variables: { UNROLLED_BLAS: "/x" },
          blas: { found: null, attempts: [{ file: "/x", result: "no such file" }], folders: [] },
        },
      },
      /^UNROLLED_BLAS: \/x: no such file$/,
    ],
    [
      "a thread that ended",
      {
        ...healthy,
        computing: { ...computing, threads: { count: 2, reason: "", running: 1, problem: "boom" } },
      },
      /^a thread ended: boom$/,
    ],
    [
      "a folder for corpora that is not there",
      { ...healthy, corpora: { ...healthy.corpora, folder: "/data" } },
      /^UNROLLED_DATA: there is no folder \/data$/,
    ],
    [
      "a kernel that was moved",
      { ...healthy, jupyter: { ...healthy.jupyter, problem: "/old.js does not exist" } },
      /\/old\.js does not exist; npx unrolled kernel install$/,
    ],
  ];
  for (const [what, diagnosis, message] of broken) {
    it(what, () => {
      const problems = problemsOf(diagnosis);
      assert.equal(problems.length, 1);
      assert.match(problems[0], message);
      assert.match(report(diagnosis), /\nProblems\n {2}(?!none)/);
    });
  }
});

describe("doctor: what would be faster", () => {
  const on = (changes: Partial<Machine>, more: Partial<Computing> = {}) =>
    hints({ ...healthy, machine: { ...machine, ...changes }, computing: { ...computing, ...more } });

  it("is a newer Node.js, where its V8 can more", () => {
    assert.match(on({}).join(), /Node\.js 24/);
    assert.deepEqual(on({ node: "22.20.0", platform: "darwin arm64, Darwin 24" }), []);
  });

  it("is the flag, which our commands give by themselves", () => {
    assert.match(on({ node: "24.1.0", simdFlags: ["--wide"] }).join(), /node --wide \(our commands/);
    assert.match(
      on({ node: "24.1.0", simdFlags: ["--wide"], simdFlagsGiven: false }).join(),
      /without UNROLLED_V8_FLAGS=0 .* --wide/,
    );
  });

  it("is a BLAS, and the package that opens it", () => {
    const none: Computing["blas"] = { found: null, attempts: [], folders: [] };
    assert.match(on({ node: "24.0.0" }, { blas: without })[0], /npm install koffi, and OpenBLAS \(Debian/);
    assert.match(on({ node: "24.0.0" }, { blas: none })[0], /^a BLAS of the system: OpenBLAS \(Debian/);
    assert.deepEqual(on({ node: "24.0.0", platform: "darwin arm64, Darwin 24" }, { blas: none }), []);
  });

  it("is a second thread, where a variable forbids it", () => {
    const one = { threads: { count: 1, reason: "", running: 1, problem: null } };
    const variables = { UNROLLED_THREADS: "1" };
    assert.deepEqual(on({ node: "24.0.0" }, { ...one, variables }), ["UNROLLED_THREADS=2"]);
  });
});

describe("doctor: the report", () => {
  it("shows each part in words and units", () => {
    const text = report(healthy);
    for (const expected of [
      "unrolled 0.1.0 in /package",
      "a processor, 4 cores, 4 usable",
      "8.0 GiB of memory, 1.0 GiB free; heap up to 4.0 GiB",
      "OpenBLAS 1 (core) + wasm relaxed 4×8; chosen by what this machine has",
      "✓ blas          self-test passed, 101 GF/s: OpenBLAS",
      "– wasm/wide     not here: V8 does not",
      "2 (4 cores); 2 computing after the first large work",
      "not here: ptb-train (npx unrolled data get NAME)",
      "registered in /j",
      "koffi  3.3.4: BLAS",
      "ws     not installed (npm install ws@8): lab",
    ]) {
      assert.ok(text.includes(`  ${expected}\n`), `${expected}\n--- not in ---\n${text}`);
    }
  });

  it("says what each optional package of package.json is for", () => {
    assert.deepEqual(Object.keys(PURPOSES).sort(), Object.keys(packageJson().peerDependencies).sort());
    const koffi = optionalPackages().find(({ name }) => name === "koffi");
    assert.match(koffi?.installed ?? "", /^\d+\.\d+\.\d+/);
  });
});

describe("doctor: how to install what is optional", () => {
  const lock = packageJson() as unknown as Record<string, Record<string, string>>;

  it("is the same as in error messages, and a package and major version that we are tested with", () => {
    assert.deepEqual(Object.keys(INSTALLABLE).sort(), Object.keys(packageJson().peerDependencies).sort());
    for (const [name, spec] of Object.entries(INSTALLABLE)) {
      const tested = lock["devDependencies"][name];
      const real = `${name}@${tested}`;
      assert.ok(`${real}.`.startsWith(`${spec}.`), `${spec} is not the beginning of ${real}`);
    }
    const packages = Object.keys(INSTALLABLE).map((name) => ({
      name,
      wanted: "",
      installed: null,
      purpose: "",
    }));
    const text = report({ ...healthy, packages });
    for (const [name, spec] of Object.entries(INSTALLABLE)) {
      assert.ok(text.includes(`not installed (npm install ${spec})`), spec);
      assert.ok(new MissingPackageError(name, "It").message.endsWith(`Run: npm install ${spec}`));
    }
  });
});

describe("unrolled doctor", () => {
  it("describes this machine as JSON, and tries every kind of kernels", async () => {
    const { code, stdout, stderr } = await unrolled(["doctor", "--json"], {
      env: { UNROLLED_KERNELS: undefined, UNROLLED_BLAS: undefined, UNROLLED_DATA: undefined },
    });
    assert.equal(stderr, "");
    const diagnosis = JSON.parse(stdout) as Diagnosis & { problems: string[] };
    assert.equal(code, diagnosis.problems.length === 0 ? 0 : 1);
    assert.equal(diagnosis.machine.node, process.versions.node);
    const reference = diagnosis.computing.trials.find(({ kernels }) => kernels === "reference");
    assert.ok(reference?.works && reference.gigaflops! > 0.01);
    assert.equal(diagnosis.computing.trials.length, 5);
  });

  it("exits with 1 and names what was set and does not work", async () => {
    const env = { UNROLLED_BLAS: "/no/such/libblas.so", UNROLLED_KERNELS: "fast" };
    const { code, stdout } = await unrolled(["doctor"], { env });
    assert.equal(code, 1);
    const problems = stdout.slice(stdout.indexOf("Problems"));
    assert.match(problems, /there are no kernels "fast"/);
    assert.match(problems, /UNROLLED_BLAS: \/no\/such\/libblas\.so: /);
  });
});
