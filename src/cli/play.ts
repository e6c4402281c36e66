import path from "node:path";
import { parseArgs } from "node:util";
import { lm } from "../index.ts";
import { untilTold } from "../jupyter/lab/lifetime.ts";
import { openBrowser } from "../jupyter/lab/open-browser.ts";
import { listenOnLoopback } from "../jupyter/server/listen.ts";
import { exportPlay, playFiles } from "../play/export.ts";
import { playServer } from "../play/serve.ts";
import type { Command } from "./command.ts";
import { findCheckpoint } from "./evaluate.ts";
import { noPort, parsePort } from "./port.ts";

const usage = `usage: unrolled play CHECKPOINT|DIR [--text TEXT] [--port N] [--no-browser] [--out FOLDER]

Opens a page in the browser on which a trained model can be watched: type, and see which tokens it expects next, how its
hidden units and gates move, and what the temperature does. The model computes in the page; nothing is sent anywhere.

  --text TEXT    what the page begins with (default: a short text of the model's own)
  --port N       the first port to try, 8890 if not given; the next free one is taken and told
  --no-browser   print the address only
  --out FOLDER   write the page as static files and end: any web server can show them, and index.html opens as a file

Ctrl-C ends the server.`;

/** `npx unrolled play` */
export const command: Command = { usage, run };

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      text: { type: "string" },
      port: { type: "string", default: "8890" },
      "no-browser": { type: "boolean", default: false },
      out: { type: "string" },
    },
  });
  const misuse = (what: string) => {
    process.stderr.write(`unrolled play: ${what}\n`);
    return 2;
  };
  if (positionals.length !== 1) return misuse("give one checkpoint, or the folder of a run. See --help");
  const port = parsePort(values.port);
  if (Number.isNaN(port)) return misuse(noPort(values.port));
  const { checkpoint } = findCheckpoint(positionals[0]);
  const { model } = lm.load(checkpoint);
  const files = playFiles({ model, name: nameOf(positionals[0]), text: values.text ?? ownText(model) });
  if (values.out !== undefined) {
    exportPlay(values.out, files);
    process.stdout.write(`${path.join(values.out, "index.html")}\n`);
    return 0;
  }
  const lifetime = untilTold({ followParent: true });
  const server = playServer(files);
  try {
    const address = `http://127.0.0.1:${await listenOnLoopback(server, port)}/`;
    process.stdout.write(`${address}\n`);
    if (!values["no-browser"] && (await openBrowser(address)))
      process.stderr.write("unrolled: opened in the browser; Ctrl-C ends\n");
    else process.stderr.write("unrolled: open the address in a browser; Ctrl-C ends\n");
    await lifetime.ending;
    return 0;
  } finally {
    lifetime.stop();
    server.close();
    server.closeAllConnections();
  }
}

/** The file's or folder's name, without what all checkpoints end with. */
function nameOf(given: string): string {
  return path.basename(path.resolve(given)).replace(/\.safetensors$/, "");
}

/** A beginning that the model writes itself, so that there is something to see at once; always the same. */
function ownText(model: lm.RecurrentLM | lm.FixedWindowLM): string {
  const { vocabulary, minGiven } = model;
  const frequent = vocabulary.counts.reduce((best, n, id, all) => (n > all[best] ? id : best), 0);
  const prompt = Array.from({ length: minGiven }, () => vocabulary.token(frequent));
  return model.generate({ prompt, length: 40, temperature: 0.6, seed: 1 }).text.trimStart();
}
