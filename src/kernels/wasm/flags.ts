/**
 * V8 flags for faster SIMD. Launchers (kernel, command line, bench) set them before anything is compiled; a bare import
 * of the library never changes a flag of its process.
 */

/** What a launcher leaves behind for the library in the same process. */
interface Launch {
  readonly flags: readonly string[];
  readonly setFlags: (flags: string) => void;
}

const LAUNCH = Symbol.for("unrolled.v8Flags");
const REVECTORIZE = "--experimental-wasm-revectorize";
const RELAXED = "--experimental-wasm-relaxed-simd";

/**
 * The flags that bring something in this version of Node: relaxed SIMD in Node 20 (newer ones have it without a flag),
 * two 128-bit operations as one of 256 bits from Node 24 on, on x64.
 */
export function simdFlags(nodeVersion: string, arch: string): string[] {
  const major = Number.parseInt(nodeVersion, 10);
  if (major === 20) return [RELAXED];
  return major >= 24 && arch === "x64" ? [REVECTORIZE] : [];
}

/**
 * For launchers, first thing of all: `useFastSimd(process, v8.setFlagsFromString)`.
 * `UNROLLED_V8_FLAGS=0` in the environment leaves V8 as it is.
 */
export function useFastSimd(
  process: {
    readonly versions: { readonly node?: string };
    readonly arch: string;
    readonly env: Environment;
  },
  setFlags: (flags: string) => void,
): void {
  if (process.env["UNROLLED_V8_FLAGS"] === "0") return;
  const flags = simdFlags(process.versions.node ?? "", process.arch);
  for (const flag of flags) setFlags(flag);
  (globalThis as { [LAUNCH]?: Launch })[LAUNCH] = { flags, setFlags };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether V8 was told to make 256-bit operations: by one of our launchers or on node's command line. */
export function revectorizes(): boolean {
  const { process, [LAUNCH]: launch } = globalThis as {
    process?: { execArgv?: string[] };
    [LAUNCH]?: Launch;
  };
  return [...(process?.execArgv ?? []), ...(launch?.flags ?? [])].some(
    (flag) => flag.replaceAll("_", "-") === REVECTORIZE,
  );
}

/**
 * Runs `work` with V8's quick compiler off, where a launcher gave the means: what is compiled meanwhile is at once the
 * code that a training would get after a while, so that a self-test tests that.
 */
export function withFinalCode<T>(work: () => T): T {
  const launch = (globalThis as { [LAUNCH]?: Launch })[LAUNCH];
  launch?.setFlags("--no-liftoff");
  try {
    return work();
  } finally {
    launch?.setFlags("--liftoff");
  }
}
