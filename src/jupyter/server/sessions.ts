import { randomUUID } from "node:crypto";
import path from "node:path";
import type { Contents } from "./contents.ts";
import { HttpError, stringField } from "./http.ts";
import type { Kernels } from "./kernels.ts";
import type { KernelModel, ManagedKernel } from "./managed-kernel.ts";

/** A document and its kernel, as the REST API describes them. */
export interface SessionModel {
  id: string;
  path: string;
  name: string;
  type: string;
  kernel: KernelModel;
  /** Jupyter's older form, which some clients still read. */
  notebook?: { path: string; name: string };
}

interface Session {
  id: string;
  path: string;
  name: string;
  type: string;
  kernel: ManagedKernel;
}

/** Which document uses which kernel. A second tab on the same notebook gets the same session and kernel. */
export class Sessions {
  readonly #kernels: Kernels;
  readonly #contents: Contents;
  readonly #sessions: Map<string, Session> = new Map();
  /** Sessions that are just starting, so that two tabs that ask at once share one. */
  readonly #starting: Map<string, Promise<Session>> = new Map();

  constructor(kernels: Kernels, contents: Contents) {
    this.#kernels = kernels;
    this.#contents = contents;
  }

  list(): SessionModel[] {
    for (const [id, session] of this.#sessions)
      if (!this.#kernels.has(session.kernel.id)) this.#sessions.delete(id);
    return [...this.#sessions.values()].map(modelOf);
  }

  /** @throws {HttpError} 404. */
  get(id: string): SessionModel {
    return modelOf(this.#get(id));
  }

  #get(id: string): Session {
    const session = this.#sessions.get(id);
    if (session && this.#kernels.has(session.kernel.id)) return session;
    this.#sessions.delete(id);
    throw new HttpError(404, `there is no session ${id}`);
  }

  /** POST. @throws {HttpError} 400 for a body without path and type, or what `Kernels.start` throws. */
  async create(body: Record<string, unknown>): Promise<SessionModel> {
    const documentPath = stringField(body, "path", true);
    const type = stringField(body, "type", true);
    const name = stringField(body, "name") ?? "";
    const kernel = objectField(body, "kernel");
    const kernelId = stringField(kernel, "id");
    const running = this.list().find((session) => session.path === documentPath);
    if (running) {
      if (!this.#get(running.id).kernel.dead) return running;
      // A document that is opened again shall not get the kernel that was given up.
      await this.delete(running.id);
    }
    let starting = this.#starting.get(documentPath);
    if (!starting) {
      starting = this.#start({ path: documentPath, type, name }, kernelId, stringField(kernel, "name"));
      this.#starting.set(documentPath, starting);
      const forget = (): void => void this.#starting.delete(documentPath);
      starting.then(forget, forget);
    }
    return modelOf(await starting);
  }

  async #start(
    document: { path: string; type: string; name: string },
    kernelId: string | undefined,
    kernelName: string | undefined,
  ): Promise<Session> {
    const kernel =
      kernelId !== undefined && this.#kernels.has(kernelId)
        ? this.#kernels.get(kernelId)
        : await this.#startKernel(document.path, kernelName);
    const session = { id: randomUUID(), ...document, kernel };
    this.#sessions.set(session.id, session);
    return session;
  }

  async #startKernel(documentPath: string, name: string | undefined): Promise<ManagedKernel> {
    const cwd = await this.#folderOf(documentPath);
    // By this variable a kernel can know its notebook.
    const env = { JPY_SESSION_NAME: path.join(cwd, path.posix.basename(documentPath)) };
    return this.#kernels.start({ name, cwd, env });
  }

  /** A kernel works in its document's folder; consoles have made-up paths, they get the served folder. */
  async #folderOf(documentPath: string): Promise<string> {
    const { confinement } = this.#contents;
    try {
      return (await confinement.resolveExisting(path.posix.dirname(`/${documentPath}`))).real;
    } catch {
      return confinement.root;
    }
  }

  /** PATCH: the document was renamed, or shall have another kernel. */
  async update(id: string, body: Record<string, unknown>): Promise<SessionModel> {
    const session = this.#get(id);
    session.path = stringField(body, "path") ?? session.path;
    session.name = stringField(body, "name") ?? session.name;
    session.type = stringField(body, "type") ?? session.type;
    const wanted = objectField(body, "kernel");
    const kernelId = stringField(wanted, "id");
    const kernelName = stringField(wanted, "name");
    if (kernelId === undefined && kernelName === undefined) return modelOf(session);
    if (kernelId !== undefined && !this.#kernels.has(kernelId)) {
      throw new HttpError(400, `there is no kernel ${kernelId}`);
    }
    const kernel =
      kernelId !== undefined
        ? this.#kernels.get(kernelId)
        : await this.#startKernel(session.path, kernelName);
    const before = session.kernel;
    session.kernel = kernel;
    const used = [...this.#sessions.values()].some((other) => other.kernel === before);
    if (!used && this.#kernels.has(before.id)) await this.#kernels.shutdown(before.id);
    return modelOf(session);
  }

  /** DELETE: ends the kernel too, unless another session uses it. @throws {HttpError} 404. */
  async delete(id: string): Promise<void> {
    const session = this.#get(id);
    this.#sessions.delete(id);
    const used = [...this.#sessions.values()].some((other) => other.kernel === session.kernel);
    if (!used) await this.#kernels.shutdown(session.kernel.id);
  }
}

function objectField(body: Record<string, unknown>, name: string): Record<string, unknown> {
  const value = Object.hasOwn(body, name) ? body[name] : undefined;
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function modelOf(session: Session): SessionModel {
  const { id, path, name, type, kernel } = session;
  const older = type === "notebook" ? { notebook: { path, name } } : {};
  return { id, path, name, type, kernel: kernel.model(), ...older };
}
