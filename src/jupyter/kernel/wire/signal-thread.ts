/**
 * A thread that does nothing but wait inside a script that SIGINT can end. Node starts a thread of its own for the
 * first such script and joins it with the last; as long as this one waits, the guards of the main thread (run/guard.ts)
 * cost a microsecond instead of sixty. The innermost script, which began last, gets the signal: so this one is ended only
 * by a SIGINT that finds no guard, which comes from outside, and says so.
 */
import vm from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { GUARD } from "./escalation.ts";
import { SharedState } from "./shared-state.ts";

const POLL_MS = 50;

const state = new SharedState(workerData as SharedArrayBuffer);
const never = new Int32Array(new SharedArrayBuffer(4));
Object.defineProperty(globalThis, "waitForEver", { value: () => Atomics.wait(never, 0, 0) });
const script = new vm.Script("waitForEver()");

state.set("sentinel", 1);
for (;;) {
  try {
    script.runInThisContext({ breakOnSigint: true });
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_SCRIPT_EXECUTION_INTERRUPTED") throw error;
    parentPort?.postMessage("SIGINT");
    // Begun inside of a guard it would take the guard's signals.
    while (state.get("guard") !== GUARD.outside) state.wait("guard", state.get("guard"), POLL_MS);
  }
}
