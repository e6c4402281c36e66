/**
 * A process that serves JupyterLab until it is told to stop, for tests of its end. Prints what they need as JSON.
 * Usage: node --import tsx lab-child.ts ROOT UI_FOLDER
 */
import { untilTold } from "../../../src/jupyter/lab/lifetime.ts";
import { startLab } from "../../../src/jupyter/lab/start.ts";

const [root, uiDir] = process.argv.slice(2);

async function main(): Promise<void> {
  const lifetime = untilTold({ followParent: true, interval: 50 });
  const lab = await startLab({ root, uiDir, port: 0, openBrowser: false, quiet: true });
  process.stdout.write(
    `${JSON.stringify({ url: lab.url, token: lab.token, port: lab.port, pid: process.pid })}\n`,
  );
  const ending = await Promise.race([lab.closed.then(() => "closed"), lifetime.ending]);
  await lab.close();
  lifetime.stop();
  process.stdout.write(`${JSON.stringify({ ending })}\n`);
}

if (root) void main();
