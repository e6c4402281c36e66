import { KernelProcess } from "../client/index.ts";
import type { InstalledKernelSpec } from "../kernelspec/spec.ts";
import { HttpError } from "./http.ts";
import { ManagedKernel } from "./managed-kernel.ts";
import { OutputLimit, type OutputLimits } from "./output-limit.ts";

/** Which kernels can be started. Asked anew each time, so that one that is installed meanwhile appears. */
export interface KernelSpecSource {
  list(): Promise<InstalledKernelSpec[]>;
  /** The one for a notebook that names none, or one that is not installed. */
  defaultName: string;
}

export interface KernelsOptions {
  specs: KernelSpecSource;
  /** Where cells that print too much go on printing. */
  overflowFolder: string;
  outputLimits?: OutputLimits;
}

/** All kernels of one server. */
export class Kernels {
  readonly specs: KernelSpecSource;
  readonly #options: KernelsOptions;
  readonly #kernels: Map<string, ManagedKernel> = new Map();
  #closed = false;

  constructor(options: KernelsOptions) {
    this.#options = options;
    this.specs = options.specs;
  }

  list(): ManagedKernel[] {
    return [...this.#kernels.values()];
  }

  has(id: string): boolean {
    return this.#kernels.has(id);
  }

  /** @throws {HttpError} 404. */
  get(id: string): ManagedKernel {
    const kernel = this.#kernels.get(id);
    if (!kernel)
      throw new HttpError(404, `there is no kernel ${id}: it was shut down, or the server was restarted`);
    return kernel;
  }

  /** @throws {HttpError} 501 for an unknown kernelspec, 500 with the reason if it does not start. */
  async start(options: { name?: string; cwd: string; env?: Record<string, string> }): Promise<ManagedKernel> {
    if (this.#closed) throw new HttpError(503, "the server is shutting down");
    const found = await this.#find(options.name);
    const process = new KernelProcess({
      name: found.name,
      spec: found.spec,
      resourceDir: found.resourceDir,
      cwd: options.cwd,
      env: options.env,
    });
    const name = `${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}-${process.id.slice(0, 8)}`;
    const limit = new OutputLimit(this.#options.overflowFolder, name, this.#options.outputLimits);
    const kernel = new ManagedKernel(process, limit);
    // Known from now on, so that closing the server ends a kernel that is just starting too.
    this.#kernels.set(kernel.id, kernel);
    try {
      await kernel.start();
      return kernel;
    } catch (error) {
      this.#kernels.delete(kernel.id);
      await kernel.shutdown();
      throw new HttpError(500, (error as Error).message, { cause: error });
    }
  }

  async #find(name: string | undefined): Promise<InstalledKernelSpec> {
    const specs = await this.specs.list();
    const wanted = name ?? this.specs.defaultName;
    const found = specs.find((spec) => spec.name === wanted.toLowerCase());
    if (found) return found;
    const names = specs.map((spec) => spec.name).join(", ");
    throw new HttpError(501, `the kernel "${wanted}" is not installed. There is: ${names || "none"}`);
  }

  /** @throws {HttpError} 404. */
  async shutdown(id: string): Promise<void> {
    const kernel = this.get(id);
    this.#kernels.delete(id);
    await kernel.shutdown();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#kernels.keys()].map((id) => this.shutdown(id)));
  }
}
