/** The kernel's side of `display`, `updateDisplay` and `clearOutput`, and of tslab's `display`. */
import type { DisplayHook } from "../../display.ts";
import type { Tslab } from "../compile/tslab.ts";
import { type Cell, cells } from "../run/cell.ts";
import type { Streams } from "../run/streams.ts";
import type { Header, Json } from "../wire/wire.ts";
import { type MimeBundle, render } from "./render.ts";
import type { Tracebacks } from "./traceback.ts";

export function installDisplay(parts: {
  publish: (type: string, parent: Header, content: Json) => void;
  streams: Streams;
  tracebacks: Tracebacks;
  tslab: Tslab;
}): void {
  const { publish, streams, tracebacks } = parts;

  const send = (cell: Cell, data: MimeBundle, id: string | undefined, update: boolean): void => {
    if (cell.silent || Object.keys(data).length === 0) return;
    const transient = id === undefined ? {} : { display_id: id };
    publish(update ? "update_display_data" : "display_data", cell.header, { data, metadata: {}, transient });
  };

  /** Now, or when what was shown before has been sent: displays appear in the order of their calls. */
  const inTurn = (cell: Cell, work: () => void | Promise<void>): void => {
    const before = cell.pending;
    const started = before ? before.then(work) : work();
    if (!started) return;
    const pending: Promise<void> = started
      .catch((error) => streams.print(cell, "stderr", `${tracebacks.ofError(error).traceback.join("\n")}\n`))
      .then(() => {
        if (cell.pending === pending) cell.pending = undefined;
      });
    cell.pending = pending;
  };

  const hook: DisplayHook = {
    show: (value, { id, update }) => {
      const cell = cells.getStore() ?? streams.last;
      if (!cell) return;
      const bundle = render(value);
      inTurn(cell, () => {
        if (bundle instanceof Promise) return bundle.then((data) => send(cell, data, id, update));
        send(cell, bundle, id, update);
      });
    },
    clear: (wait) => {
      const cell = cells.getStore() ?? streams.last;
      if (!cell || cell.silent) return;
      inTurn(cell, () => publish("clear_output", cell.header, { wait }));
    },
  };
  Object.defineProperty(globalThis, Symbol.for("unrolled.display"), { value: hook, configurable: true });

  parts.tslab.setDisplay(({ data, transient }, update) => {
    const cell = cells.getStore() ?? streams.last;
    if (cell) inTurn(cell, () => send(cell, data, transient.display_id ?? undefined, update === true));
  });
}
