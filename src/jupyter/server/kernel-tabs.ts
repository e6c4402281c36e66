import type { JupyterMessage } from "../client/message.ts";
import { Outbox, type OutboxOptions, type Sink } from "./outbox.ts";

/** A browser tab's connection to one kernel. */
export interface TabConnection extends Sink {
  /** Ends the connection, because a newer one of the same tab has come or the kernel is gone. */
  close(): void;
}

interface Tab {
  outbox: Outbox;
  connection: TabConnection | undefined;
  /** Sessions in the headers of what it sent: replies are addressed to them. */
  sessions: Set<string>;
  /** Runs while the connection is lost. */
  farewell: NodeJS.Timeout | undefined;
}

/** A tab that lost its connection is waited for this long; JupyterLab gives up after a few minutes. */
const patience = 10 * 60 * 1000;
/** Of so many lost tabs the messages are kept: a page that is loaded anew leaves one behind that never comes back. */
const mostLost = 4;

/**
 * The tabs that show one kernel. Each has an outbox of its own, so a slow or sleeping tab holds up nobody, and a
 * tab that comes back with the same session id gets what it missed.
 */
export class KernelTabs {
  readonly #tabs: Map<string, Tab> = new Map();
  readonly #options: OutboxOptions;

  constructor(options: OutboxOptions = {}) {
    this.#options = options;
  }

  /** How many tabs are connected now. */
  get connected(): number {
    return [...this.#tabs.values()].filter((tab) => tab.connection).length;
  }

  connect(session: string, connection: TabConnection): void {
    let tab = this.#tabs.get(session);
    if (!tab) {
      const sessions = new Set([session]);
      tab = { outbox: new Outbox(this.#options), connection: undefined, sessions, farewell: undefined };
      this.#tabs.set(session, tab);
    }
    clearTimeout(tab.farewell);
    const older = tab.connection;
    tab.connection = connection;
    older?.close();
    tab.outbox.attach(connection);
  }

  disconnect(session: string, connection: TabConnection): void {
    const tab = this.#tabs.get(session);
    // A newer connection may have taken its place already.
    if (tab?.connection !== connection) return;
    tab.connection = undefined;
    tab.outbox.detach(connection);
    tab.farewell = setTimeout(() => this.#tabs.delete(session), patience).unref();
    // Anew at the end, so that the lost ones are in the order in which they left.
    this.#tabs.delete(session);
    this.#tabs.set(session, tab);
    const lost = [...this.#tabs].filter(([, one]) => !one.connection);
    for (const [name, one] of lost.slice(0, -mostLost)) {
      clearTimeout(one.farewell);
      this.#tabs.delete(name);
    }
  }

  /** Remembers under which session this tab writes. */
  heardFrom(session: string, message: JupyterMessage): void {
    this.#tabs.get(session)?.sessions.add(message.header.session);
  }

  /** iopub: to every tab. */
  broadcast(message: JupyterMessage): void {
    for (const tab of this.#tabs.values()) tab.outbox.push(message);
  }

  /** shell, control, stdin: to the tab that asked. */
  reply(message: JupyterMessage): void {
    const session = message.parent_header.session;
    if (session === undefined) return;
    for (const tab of this.#tabs.values()) if (tab.sessions.has(session)) tab.outbox.push(message);
  }

  closeAll(): void {
    const tabs = [...this.#tabs.values()];
    this.#tabs.clear();
    for (const tab of tabs) {
      clearTimeout(tab.farewell);
      tab.connection?.close();
    }
  }
}
