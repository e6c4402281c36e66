import { spawn } from "node:child_process";

export interface BrowserSurroundings {
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
}

/**
 * The command that opens an address in the user's browser, or undefined where there is no screen to show it on.
 * The address must hold no secret that lasts: other users of the machine can read command lines.
 */
export function browserCommand(url: string, { env, platform }: BrowserSurroundings): string[] | undefined {
  if (platform === "darwin") return ["open", url];
  // Not `start`, which is a word of a shell that would read "&" in an address as its own.
  const windows = ["rundll32.exe", "url.dll,FileProtocolHandler", url];
  if (platform === "win32") return windows;
  const own = env["BROWSER"];
  if (own) {
    const words = own.split(" ");
    return own.includes("%s") ? words.map((word) => word.replaceAll("%s", url)) : [...words, url];
  }
  if (env["WSL_DISTRO_NAME"]) return windows;
  if (env["DISPLAY"] || env["WAYLAND_DISPLAY"]) return ["xdg-open", url];
  return undefined;
}

/** Opens the browser and does not wait for it. @returns false if that is not possible, which harms nothing. */
export function openBrowser(
  url: string,
  surroundings: BrowserSurroundings = { env: process.env, platform: process.platform },
): Promise<boolean> {
  const command = browserCommand(url, surroundings);
  if (command === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const child = spawn(command[0], command.slice(1), { detached: true, stdio: "ignore", windowsHide: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
