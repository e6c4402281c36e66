/** What a `kernel.json` says; the field names are Jupyter's. */
export interface KernelSpec {
  /** Command line; `{connection_file}` and `{resource_dir}` are replaced before it runs. */
  argv: string[];
  display_name: string;
  language: string;
  /** `signal` (the default): SIGINT to the process. `message`: `interrupt_request` on the control channel. */
  interrupt_mode?: "signal" | "message";
  /** Added to the environment; `${NAME}` inside a value is replaced by the surrounding environment's. */
  env?: Record<string, string>;
  metadata?: Record<string, unknown>;
  kernel_protocol_version?: string;
}

/** A kernelspec and where it was found. */
export interface InstalledKernelSpec {
  /** The folder's name, in lower case: what a notebook's metadata refer to. */
  name: string;
  /** The folder with `kernel.json` and the logos; `{resource_dir}` in `argv`. */
  resourceDir: string;
  spec: KernelSpec;
}
