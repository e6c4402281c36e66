// What all peers in JavaScript share: random data, timing, the line of output. Copied beside the installed packages.
const WARM_UP_MS = 1000;

/** Uniform ids below V. */
export function randomIds(length, V) {
  return Int32Array.from({ length }, () => Math.floor(Math.random() * V));
}

/** Uniform in ±scale. */
export function uniform(length, scale) {
  return Float32Array.from({ length }, () => (2 * Math.random() - 1) * scale);
}

/** Ids → rows with a single 1. */
export function oneHot(ids, V) {
  const rows = new Float32Array(ids.length * V);
  ids.forEach((id, i) => {
    rows[i * V + id] = 1;
  });
  return rows;
}

/** Runs `step` (one whole training step; resolves to the mean loss) for some seconds and prints one JSON line. */
export async function measure({ workload, kernels, fingerprint, tokens, step, seconds }) {
  const lossFirst = await step();
  let lossLast = lossFirst;
  const begun = performance.now();
  for (let i = 1; i < 3 || performance.now() - begun < WARM_UP_MS; i++) await step();
  const times = [];
  const cpu = process.cpuUsage();
  const end = performance.now() + 1000 * seconds;
  while (times.length < 3 || performance.now() < end) {
    const before = performance.now();
    lossLast = await step();
    times.push(performance.now() - before);
  }
  const { user, system } = process.cpuUsage(cpu);
  const stepMs = times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
  const result = {
    workload,
    kernels,
    fingerprint,
    threads: 1,
    node: process.version,
    steps: times.length,
    tokensPerSecond: (tokens / stepMs) * 1000,
    stepMs,
    cpuMs: (user + system) / 1000 / times.length,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    lossFirst,
    lossLast,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
