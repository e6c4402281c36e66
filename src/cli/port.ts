/** The port that an option names. NaN for what is no port. */
export function parsePort(text: string): number {
  const port = Number(text);
  return /^\d+$/.test(text) && port <= 65_535 ? port : Number.NaN;
}

/** What is told of an option that names none. */
export const noPort = (text: string): string =>
  `--port must be a whole number from 0 to 65535, got "${text}"`;
