import { output } from "./launch.ts";

/** V8 flags that our launchers (kernel, command line, this bench) give to a Node.js; none where they are unknown. */
export async function launchFlags(node: string): Promise<string[]> {
  await output(node, ["--version"]);
  return [];
}
