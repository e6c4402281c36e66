import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { UnrolledError } from "../../errors.ts";
import { identify, printable } from "./identify.ts";
import type { PartFile } from "./part-file.ts";

export interface Download {
  readonly url: string;
  /** What the file must be. */
  readonly bytes: number;
  readonly sha256: string;
  readonly part: PartFile;
  /** Milliseconds without a byte after which an attempt is given up. */
  readonly stallMs: number;
  /** Milliseconds for everything. */
  readonly totalMs: number;
  /** Milliseconds to wait before the second attempt; doubled each time. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (received: number, total: number) => void;
}

/** Why an attempt failed, where the next one may succeed. */
class Passing extends Error {}

/** How often a failure that may pass is met before it is reported. */
const ATTEMPTS = 4;

/**
 * Downloads a file of known size and SHA-256 into a part file and returns its bytes, checked. Attempts that fail for a
 * reason that may pass (connection lost, silence, status 408, 429 and 5xx) are repeated from where they ended.
 *
 * @throws {UnrolledError} naming the address and what is wrong; what was received stays in the part file if it may be of
 * use to a later try.
 */
export async function download(job: Download): Promise<Uint8Array> {
  const deadline = AbortSignal.timeout(job.totalMs);
  const ended = AbortSignal.any([job.signal, deadline]);
  let last = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      if (attempt > 0) await sleep(job.pauseMs * 2 ** (attempt - 1), undefined, { signal: ended });
      const resumed = job.part.size > 0;
      if (job.part.size !== job.bytes) await receive(job, ended);
      const problem = check(job);
      if (problem === undefined) return job.part.read();
      job.part.remove();
      // Pieces of two different files do not fit together; a file from one piece is what the server has.
      if (!resumed) throw refusal(job, problem);
      last = `the pieces of two attempts do not fit together: ${problem}`;
    } catch (error) {
      if (ended.aborted && !(error instanceof UnrolledError)) throw refusal(job, whyEnded(job, last));
      if (!(error instanceof Passing)) throw error;
      last = error.message;
    }
  }
  const kept = job.part.size > 0 ? `; ${job.part.size} bytes are kept, run it again to go on from there` : "";
  throw refusal(
    job,
    `${last} (${ATTEMPTS} attempts)${kept}. Or download it by other means and give --from FILE`,
  );
}

function whyEnded({ signal, totalMs, part, bytes }: Download, last: string): string {
  const so = `${part.size} of ${bytes} bytes`;
  if (signal.aborted) return `interrupted after ${so}; run it again to go on from there`;
  const before = last === "" ? "" : `${last}; `;
  return `${before}not complete after ${totalMs / 1000} s (${so}); run it again to go on from there, with more time by --timeout`;
}

function refusal({ url }: Download, what: string): UnrolledError {
  return new UnrolledError(`${printable(url)}: ${what}`);
}

/** One request, the body of which goes to the part file. */
async function receive(job: Download, ended: AbortSignal): Promise<void> {
  const { part, url } = job;
  if (part.size > job.bytes || part.origin?.url !== url) part.remove();
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(), job.stallMs);
  /** Only what fails here is a matter of the network, and may pass. */
  const fromNetwork = <T>(promise: Promise<T>): Promise<T> =>
    promise.catch((error: unknown) => {
      throw new Passing(
        stall.signal.aborted ? `nothing was received for ${job.stallMs / 1000} s` : reason(error),
      );
    });
  try {
    const response = await fromNetwork(request(job, AbortSignal.any([ended, stall.signal])));
    begin(job, response);
    const reader = response.body?.getReader();
    for (;;) {
      const { done = true, value } = (await fromNetwork(reader?.read() ?? Promise.resolve(undefined))) ?? {};
      if (done || !value) break;
      timer.refresh();
      keep(job, value);
    }
  } finally {
    clearTimeout(timer);
    stall.abort(); // closes a connection whose body is not wanted
  }
  if (part.size < job.bytes) throw new Passing(`ended after ${part.size} of ${job.bytes} bytes`);
}

function keep(job: Download, chunk: Uint8Array): void {
  const { part, bytes } = job;
  const other = part.size === 0 ? identify(chunk) : undefined;
  const tooLong = part.size + chunk.length > bytes;
  if (other !== undefined || tooLong) {
    part.remove();
    throw refusal(job, other ?? `longer than the ${bytes} bytes of the catalogue; it is another file`);
  }
  part.append(chunk);
  job.onProgress?.(part.size, bytes);
}

async function request({ url, part }: Download, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { "accept-encoding": "identity", "user-agent": "unrolled" };
  if (part.size > 0) {
    headers["range"] = `bytes=${part.size}-`;
    if (part.origin?.validator) headers["if-range"] = part.origin.validator;
  }
  return fetch(url, { headers, signal, redirect: "follow" });
}

/** Looks at status and headers, before the body is read. */
function begin(job: Download, response: Response): void {
  const { part, url, bytes } = job;
  const { status, headers } = response;
  const encoded = !["", "identity"].includes(headers.get("content-encoding") ?? "");
  if (
    status === 416 ||
    (status === 206 && (encoded || !continues(headers.get("content-range"), part.size)))
  ) {
    part.remove();
    throw new Passing(`the server could not go on in the middle (status ${status})`);
  }
  if (status === 408 || status === 429 || status >= 500)
    throw new Passing(`the server answered with status ${status}`);
  if (status !== 200 && status !== 206) {
    throw refusal(job, `the server answered with status ${status}${status === 404 ? " (no such file)" : ""}`);
  }
  if (status === 206) return;
  if ((headers.get("content-type") ?? "").includes("text/html")) {
    throw refusal(
      job,
      "an HTML page, not the file itself; open the address in a browser, save the file and give --from FILE",
    );
  }
  const stated = headers.get("content-length");
  if (!encoded && stated !== null && Number(stated) !== bytes) {
    throw refusal(
      job,
      `${printable(stated)} bytes instead of the ${bytes} of the catalogue; it is another file`,
    );
  }
  const etag = headers.get("etag");
  const strong = etag !== null && !etag.startsWith("W/") ? etag : undefined;
  part.restart({ url, validator: strong ?? headers.get("last-modified") ?? undefined });
}

function continues(range: string | null, from: number): boolean {
  return Number(/^bytes (\d+)-/.exec(range ?? "")?.[1] ?? -1) === from;
}

/** What is wrong with the complete part, undefined if nothing. */
function check({ part, bytes, sha256 }: Download): string | undefined {
  const found = part.read();
  const hash = createHash("sha256").update(found).digest("hex");
  if (hash === sha256) return undefined;
  return `${found.length} bytes with SHA-256 ${hash} instead of ${bytes} bytes with ${sha256}; it is another file`;
}

/** fetch says "fetch failed" and hides why. */
function reason(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  const why = cause?.message ?? cause?.code;
  return printable(why && why !== message ? `${message}: ${why}` : message);
}
