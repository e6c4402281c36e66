/** One line about the kernels on stderr, or in a page's console; each text once. */
export function warn(text: string): void {
  if (said.has(text)) return;
  said.add(text);
  const { process } = globalThis as { process?: { stderr?: { write(text: string): unknown } } };
  if (process?.stderr) process.stderr.write(`unrolled: ${text}\n`);
  else console.warn(`unrolled: ${text}`);
}

const said = new Set<string>();
