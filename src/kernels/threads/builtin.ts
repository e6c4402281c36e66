/**
 * A module of Node.js itself; undefined in a browser. Nothing of Node is imported by name in the kernels, so that the same
 * files load in a page.
 */
export function builtin<T>(name: string): T | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.(name) as T | undefined;
}
