import { ArgumentError } from "../../errors.ts";
import type { KernelSpec } from "../kernelspec/spec.ts";

/** The kernelspec's argv with its placeholders filled in. Nothing passes through a shell: spaces are safe. */
export function commandLine(
  spec: KernelSpec,
  name: string,
  values: { connectionFile: string; resourceDir?: string },
): string[] {
  if (!spec.argv.some((part) => part.includes("{connection_file}"))) {
    throw new ArgumentError(
      `kernelspec "${name}": argv has no {connection_file}, where the path of the connection must stand: ${JSON.stringify(spec.argv)}`,
    );
  }
  return spec.argv.map((part) =>
    part
      .replaceAll("{connection_file}", () => values.connectionFile)
      .replaceAll("{resource_dir}", () => values.resourceDir ?? ""),
  );
}

/** Our environment, then the kernelspec's (which may refer to ours as `${NAME}`), then the caller's. */
export function environment(
  spec: KernelSpec,
  extra: Record<string, string | undefined> = {},
): NodeJS.ProcessEnv {
  const own = Object.entries(spec.env ?? {}).map(([key, value]) => [
    key,
    value.replace(/\$\{(\w+)\}/g, (whole, name: string) => process.env[name] ?? whole),
  ]);
  return {
    ...process.env,
    ...Object.fromEntries(own),
    // By this a kernel notices that we were killed, and ends.
    JPY_PARENT_PID: String(process.pid),
    ...extra,
  };
}
