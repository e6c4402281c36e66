import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { BlasEngine } from "../../src/kernels/blas/engine.ts";
import { findBlas } from "../../src/kernels/blas/library.ts";
import type { Engine } from "../../src/kernels/engine.ts";
import { threadCount } from "../../src/kernels/threads/count.ts";
import { ThreadedEngine } from "../../src/kernels/threads/engine.ts";
import { Profit } from "../../src/kernels/threads/profit.ts";
import {
  CLOSED,
  CONTROL_BYTES,
  COUNT,
  controlOn,
  HEADER,
  isOpen,
  MOST_ARGUMENTS,
  NEXT,
  takeChunks,
} from "../../src/kernels/threads/protocol.ts";
import { Generator } from "../../src/random.ts";
import { needs } from "../hooks.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Work of every kind that is cut up, on numbers of a seed: what is in memory afterwards. */
function workOn(engine: Engine, seed: string): Float32Array {
  const random = new Generator(seed);
  const [B, H] = [96, 160];
  const block = (length: number): number => {
    const at = engine.alloc(length);
    for (let i = 0; i < length; i++) engine.memory[at + i] = random.normal();
    return at;
  };
  const x = block(B * H);
  const w = block(H * 4 * H);
  const gates = block(B * 4 * H);
  const [c, tanhC, h] = [block(B * H), block(B * H), block(B * H)];
  const packed = engine.pack(H, 4 * H, { at: w, rowStride: 1, colStride: H });
  engine.gemm(B, { at: x, rowStride: H, colStride: 1 }, packed, gates, 4 * H, true);
  engine.gemm(20, { at: x, rowStride: H, colStride: 1 }, packed, gates, 4 * H, true);
  engine.gemm(1, { at: x, rowStride: H, colStride: 1 }, packed, gates, 4 * H, false);
  engine.lstmForward(B, H, gates, x, c, tanhC, h);
  const weight = block(B * 4 * H);
  engine.exp(B * 4 * H, gates, weight);
  engine.adam({
    n: H * 4 * H,
    p: w,
    g: block(H * 4 * H),
    m: block(H * 4 * H),
    v: engine.alloc(0) && fillWith(engine, block(H * 4 * H), H * 4 * H, 0.5),
    scale: 0.9,
    limit: Infinity,
    lr: 1e-3,
    weightDecay: 0.01,
    beta1: 0.9,
    beta2: 0.999,
    eps: 1e-8,
    t: 3,
    decoupled: true,
  });
  const sum = block(4 * H);
  engine.addColumnSums(B, 4 * H, gates, sum);
  const parts = [
    [gates, B * 4 * H],
    [h, B * H],
    [weight, B * 4 * H],
    [w, H * 4 * H],
    [sum, 4 * H],
  ];
  engine.freePacked(packed);
  return Float32Array.from(parts.flatMap(([at, length]) => [...engine.memory.subarray(at, at + length)]));
}

function fillWith(engine: Engine, at: number, length: number, value: number): number {
  engine.fill(length, value, at);
  return at;
}

/** Works until the other thread has begun, so that what follows is shared with it. */
function untilRunning(engine: ThreadedEngine, threads: number): void {
  const give = new Int32Array(new SharedArrayBuffer(4));
  for (let i = 0; engine.running < threads && i < 200; i++) {
    workOn(engine, "start");
    Atomics.wait(give, 0, 0, 10);
  }
  assert.equal(engine.running, threads, engine.threadProblem ?? "the thread did not begin");
}

describe("regions of chunks", () => {
  const region = (count: number, total: number, chunk: number) => {
    const control = controlOn(new SharedArrayBuffer(CONTROL_BYTES));
    control.description.set([0, 3, total, chunk, 1]);
    control.description.set([5, 0, 100], HEADER);
    control.description.set([0, 0, 10], HEADER + MOST_ARGUMENTS);
    Atomics.store(control.slots, COUNT, count);
    return control;
  };

  it("call the function once for each chunk, the last one with the rest", () => {
    const control = region(3, 25, 10);
    const calls: number[][] = [];
    takeChunks(control, [(...args) => calls.push(args)]);
    assert.deepEqual(calls, [
      [5, 10, 100],
      [5, 10, 110],
      [5, 5, 120],
    ]);
    takeChunks(control, [(...args) => calls.push(args)]);
    assert.equal(calls.length, 3);
  });

  it("leave to others what they have taken", () => {
    const control = region(3, 30, 10);
    Atomics.store(control.slots, NEXT, 2);
    const calls: number[][] = [];
    takeChunks(control, [(...args) => calls.push(args)]);
    assert.deepEqual(calls, [[5, 10, 120]]);
  });

  it("are open while there are chunks to take", () => {
    const { slots } = region(2, 20, 10);
    assert.equal(isOpen(slots), true);
    Atomics.store(slots, NEXT, 2);
    assert.equal(isOpen(slots), false);
    Atomics.store(slots, NEXT, CLOSED);
    assert.equal(isOpen(slots), false);
  });
});

describe("sharing", () => {
  const profitable = () => {
    const clock = { now: 1000 };
    return { clock, profit: new Profit(() => clock.now) };
  };

  it("goes on while it saves time, and while it costs little", () => {
    const { profit } = profitable();
    for (let i = 0; i < 1000; i++) {
      profit.count(0.5, 1, 0.1); // two threads, 1.1 ms instead of 2
      profit.count(1, 0.1, 0.01); // nobody came
      assert.equal(profit.worthwhile(), true);
    }
  });

  it("pauses when others keep it waiting, longer each time that it happens soon again", () => {
    const { clock, profit } = profitable();
    const pauses = [5, 10, 20, 40, 80, 160, 320, 500, 500];
    for (const pause of pauses) {
      assert.equal(profit.worthwhile(), true);
      profit.count(0.5, 0.1, 4); // 4.1 ms instead of 0.2
      clock.now += pause - 1;
      assert.equal(profit.worthwhile(), false, `${pause}`);
      clock.now += 1;
    }
    clock.now += 6000; // for so long nothing was lost
    profit.count(0.5, 0.1, 4);
    clock.now += 5;
    assert.equal(profit.worthwhile(), true);
  });

  it("does not live for long on what it saved", () => {
    const { profit } = profitable();
    for (let i = 0; i < 1000; i++) profit.count(0.5, 10, 0);
    profit.count(0.5, 0.1, 4);
    assert.equal(profit.worthwhile(), false);
  });
});

describe("threadCount", () => {
  const before = process.env["UNROLLED_THREADS"];
  afterEach(() => {
    if (before === undefined) delete process.env["UNROLLED_THREADS"];
    else process.env["UNROLLED_THREADS"] = before;
  });

  it("is what UNROLLED_THREADS says, and refuses nonsense by name", () => {
    process.env["UNROLLED_THREADS"] = "3";
    assert.deepEqual(threadCount(), { threads: 3, reason: "UNROLLED_THREADS=3" });
    for (const wrong of ["0", "two", "1.5", "1000"]) {
      process.env["UNROLLED_THREADS"] = wrong;
      assert.throws(() => threadCount(), {
        name: "ArgumentError",
        message: `UNROLLED_THREADS must be a whole number from 1 to 64, got "${wrong}"`,
      });
    }
  });

  it("is at most two by itself", () => {
    delete process.env["UNROLLED_THREADS"];
    assert.ok([1, 2].includes(threadCount().threads));
  });
});

describe("threads", () => {
  const engines: Record<string, (threads: number) => ThreadedEngine> = {
    wasm: (threads) => new ThreadedEngine({ variant: "plain", threads, always: true }),
    blas: (threads) =>
      new BlasEngine({ variant: "plain", threads, always: true, library: findBlas().library! }),
  };

  for (const [tier, make] of Object.entries(engines)) {
    it(`${tier}: the same bits with one, two and three threads, in every run`, function () {
      if (tier === "blas") needs(this, findBlas().library !== null, "install a BLAS and koffi");
      const seed = `${Date.now()}`;
      const expected = workOn(make(1), seed);
      for (const threads of [2, 3]) {
        const engine = make(threads);
        // A BLAS without locks multiplies on one thread alone.
        untilRunning(engine, engine.threads);
        for (let run = 0; run < 3; run++) {
          assert.deepEqual(workOn(engine, seed), expected, `${threads} threads, run ${run}, seed ${seed}`);
        }
      }
    });
  }

  it("start with the first large work, not before", () => {
    const engine = engines["wasm"](2);
    engine.fill(10, 1, engine.alloc(10));
    assert.equal(engine.running, 1);
    untilRunning(engine, 2);
  });

  it("go on correctly after an interrupt ended a script in the middle of a region", () => {
    const engine = engines["wasm"](2);
    untilRunning(engine, 2);
    const expected = workOn(engines["wasm"](1), "interrupted");
    const n = 2 ** 22;
    const x = engine.alloc(n);
    const script = new vm.Script("work()");
    let interrupts = 0;
    for (let i = 0; i < 20; i++) {
      const context = vm.createContext({
        work: () => {
          for (;;) engine.exp(n, x, x);
        },
      });
      try {
        script.runInContext(context, { timeout: 5 + i });
      } catch (error) {
        assert.equal((error as { code?: string }).code, "ERR_SCRIPT_EXECUTION_TIMEOUT");
        interrupts++;
      }
      assert.deepEqual(workOn(engine, "interrupted"), expected);
    }
    assert.equal(interrupts, 20);
  });
});

describe("a process with threads", () => {
  const script = (rest: string) => `
    const { ThreadedEngine } = await import(${JSON.stringify(path.join(ROOT, "src/kernels/threads/engine.ts"))});
    const engine = new ThreadedEngine({ variant: "plain", threads: 2 });
    const x = engine.alloc(1 << 20);
    const give = new Int32Array(new SharedArrayBuffer(4));
    for (let i = 0; engine.running < 2 && i < 3000; i++) { engine.exp(1 << 20, x, x); Atomics.wait(give, 0, 0, 5); }
    console.log("running", engine.running);
    ${rest}`;

  function start(rest: string) {
    const args = [
      "--conditions=unrolled-source",
      "--import",
      "tsx",
      "--input-type=module",
      "-e",
      script(rest),
    ];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
    let stdout = "";
    const begun = new Promise<void>((resolve) => {
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
        if (stdout.includes("running")) resolve();
      });
    });
    const ended = new Promise<{ code: number | null; signal: string | null; stdout: string }>((resolve) => {
      child.once("close", (code, signal) => resolve({ code, signal, stdout }));
    });
    return { child, begun, ended };
  }

  it("ends by itself while a worker looks for work", async () => {
    const { code, stdout } = await start("").ended;
    assert.equal(code, 0);
    assert.equal(stdout, "running 2\n");
  });

  it("ends by itself while the worker sleeps", async () => {
    const { code, stdout } = await start(
      "await new Promise((r) => setTimeout(r, 300)); console.log('slept');",
    ).ended;
    assert.equal(code, 0);
    assert.equal(stdout, "running 2\nslept\n");
  });

  it("ends at process.exit, with its code", async () => {
    assert.equal((await start("process.exit(7);").ended).code, 7);
  });

  it("can be killed in the middle of work, and nothing of it is left", async () => {
    const { child, begun, ended } = start("for (;;) engine.exp(1 << 20, x, x);");
    await begun;
    child.kill("SIGTERM");
    assert.equal((await ended).signal, "SIGTERM");
    assert.throws(() => process.kill(child.pid!, 0), { code: "ESRCH" });
  });
});
