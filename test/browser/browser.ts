/** Chromium with a new, empty profile, and a record of all that a user should never see. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { needs } from "../hooks.ts";

const executablePath = process.env["UNROLLED_CHROMIUM"] ?? "/usr/bin/chromium";

/** Leaves the suite out unless browser tests are asked for and there is a browser. */
export function needsBrowser(context: Mocha.Context): void {
  needs(context, process.env["UNROLLED_BROWSER"] === "1", "set UNROLLED_BROWSER=1 to drive a real browser");
  needs(context, existsSync(executablePath), "set UNROLLED_CHROMIUM to the path of a Chromium");
}

/** Where screenshots are put, for a person to look at. */
export const screenshotFolder: string =
  process.env["UNROLLED_SCREENSHOTS"] ?? path.join(tmpdir(), "unrolled-screenshots");

export class Browser {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions, answers with an error status, requests that failed. */
  readonly complaints: string[] = [];
  /** What the test is doing now; stands before the complaints. */
  during = "start";
  /** The address of every request, also of those that the page's policy has stopped. */
  readonly requests: string[] = [];
  readonly #context: BrowserContext;
  readonly #profile: string;

  private constructor(context: BrowserContext, profile: string) {
    this.#context = context;
    this.#profile = profile;
    this.page = context.pages()[0];
    const { page, requests } = this;
    const complain = (what: string): void => void this.complaints.push(`${this.during}: ${what}`);
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complain(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => complain(`exception: ${error.stack ?? error.message}`));
    page.on("request", (request) => requests.push(request.url()));
    page.on("websocket", (socket) => requests.push(socket.url()));
    page.on("requestfailed", (request) => {
      // What a reload breaks off was not refused by anybody.
      const reason = request.failure()?.errorText ?? "";
      if (reason !== "net::ERR_ABORTED") complain(`failed: ${request.url()} ${reason}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 400) {
        complain(`${response.status()}: ${response.request().method()} ${response.url()}`);
      }
    });
  }

  static async start(options: { dark?: boolean } = {}): Promise<Browser> {
    const profile = await mkdtemp(path.join(tmpdir(), "unrolled-browser-"));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      headless: true,
      colorScheme: options.dark ? "dark" : "light",
      viewport: { width: 1400, height: 950 },
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
    context.setDefaultTimeout(30_000);
    return new Browser(context, profile);
  }

  /** Requests to anywhere but `origin`; addresses that hold their own data are not requests. */
  foreignRequests(origin: string): string[] {
    const host = new URL(origin).host;
    return this.requests.filter((url) => !/^(data|blob):/.test(url) && new URL(url).host !== host);
  }

  /** Forgets the complaints of the running test that match: it has provoked them. */
  forgive(pattern: RegExp): void {
    const kept = this.complaints.filter((text) => !text.startsWith(this.during) || !pattern.test(text));
    this.complaints.splice(0, this.complaints.length, ...kept);
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: path.join(screenshotFolder, `${name}.png`) });
  }

  async close(): Promise<void> {
    await this.#context.close();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
