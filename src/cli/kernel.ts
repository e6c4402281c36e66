import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import {
  dataFolders,
  findKernelSpecs,
  installKernelSpec,
  kernelEntry,
  OWN_KERNEL,
  ownKernelSpec,
  type Place,
  placeFolder,
  projectDataFolder,
  uninstallKernelSpec,
} from "../jupyter/kernelspec/index.ts";
import type { Command } from "./command.ts";

const usage = `usage: unrolled kernel install   [--user | --prefix FOLDER | --sys-prefix | --local]
       unrolled kernel uninstall [--user | --prefix FOLDER | --sys-prefix | --local]
       unrolled kernel list

Registers the TypeScript kernel of this package with a Jupyter that you have: JupyterLab, Notebook, VS Code, JupyterHub.
(\`unrolled lab\` and \`unrolled run\` need no registration.)

  --user            for you (the default)
  --prefix FOLDER   in FOLDER/share/jupyter: for all users of a machine, /usr/local
  --sys-prefix      in the active Python environment (virtualenv, conda)
  --local           in the project; Jupyter finds it through JUPYTER_PATH, and nothing outside is touched`;

/** `npx unrolled kernel` */
export const command: Command = { usage, run };

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      user: { type: "boolean", default: false },
      prefix: { type: "string" },
      "sys-prefix": { type: "boolean", default: false },
      local: { type: "boolean", default: false },
    },
  });
  const places: Place[] = [];
  if (values.user) places.push({ kind: "user" });
  if (values.prefix !== undefined) places.push({ kind: "prefix", prefix: values.prefix });
  if (values["sys-prefix"]) places.push({ kind: "sys-prefix" });
  if (values.local) places.push({ kind: "local" });
  const misuse = (text: string) => {
    process.stderr.write(`unrolled kernel: ${text}\n`);
    return 2;
  };
  if (places.length > 1) return misuse("give one of --user, --prefix, --sys-prefix, --local");
  const [action, ...rest] = positionals;
  if (rest.length > 0) return misuse(`what is "${rest[0]}"? See --help`);
  const place = places[0] ?? { kind: "user" };
  if (action === "install") return install(place);
  if (action === "uninstall") return uninstall(place);
  if (action === "list") return places.length === 0 ? list() : misuse("list takes no options");
  return misuse(
    `${action === undefined ? "what to do" : `no action "${action}"`}: install, uninstall or list`,
  );
}

async function install(place: Place): Promise<number> {
  const dataFolder = await placeFolder(place);
  const folder = await installKernelSpec(dataFolder);
  say(`Installed the kernel "${ownKernelSpec().display_name}" in ${folder}`);
  if (place.kind === "local") {
    say("Start a Jupyter that sees it with:");
    say(`  ${setVariable("JUPYTER_PATH", dataFolder)} jupyter lab`);
  } else {
    if (!dataFolders().includes(dataFolder)) {
      say(`A Jupyter whose prefix this is finds it; others need JUPYTER_PATH=${dataFolder}`);
    }
    say(
      `Notebooks find it as "${OWN_KERNEL}". It runs from ${kernelEntry()}: if you move that, install again.`,
    );
  }
  return 0;
}

async function uninstall(place: Place): Promise<number> {
  const dataFolder = await placeFolder(place);
  const gone = await uninstallKernelSpec(dataFolder);
  if (gone !== undefined) {
    say(`Removed ${gone}`);
    return 0;
  }
  const elsewhere = (await findKernelSpecs()).find((one) => one.name === OWN_KERNEL)?.resourceDir;
  const hint = elsewhere === undefined ? "" : `; it is in ${elsewhere}`;
  process.stderr.write(
    `unrolled kernel: it is not installed in ${path.join(dataFolder, "kernels", OWN_KERNEL)}${hint}\n`,
  );
  return 1;
}

async function list(): Promise<number> {
  const found = await findKernelSpecs();
  const rows = found.map((one) => [
    one.name,
    "spec" in one ? one.spec.display_name : "(unusable)",
    one.resourceDir,
    "spec" in one ? missingProgram(one.spec.argv) : one.problem,
  ]);
  const own = ownKernelSpec();
  const place = "built in: for `unrolled lab` and `unrolled run`";
  rows.unshift([`${OWN_KERNEL} *`, own.display_name, place, missingProgram(own.argv)]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
  for (const [name, title, folder, problem] of rows) {
    const problemText = problem === "" ? "" : `  ! ${problem}`;
    say(`${name.padEnd(widths[0])}  ${title.padEnd(widths[1])}  ${folder}${problemText}`);
  }
  const project = projectDataFolder();
  const local = existsSync(path.join(project, "kernels", OWN_KERNEL))
    ? ""
    : " after `unrolled kernel install --local`";
  say(`\nWithout installing, any Jupyter sees the kernel with JUPYTER_PATH=${project}${local}`);
  return 0;
}

/** A package that was moved or removed leaves a kernelspec that cannot start. */
function missingProgram(argv: readonly string[]): string {
  const missing = argv.find((part) => path.isAbsolute(part) && !existsSync(part));
  return missing === undefined ? "" : `${missing} does not exist`;
}

function setVariable(name: string, value: string): string {
  if (process.platform === "win32") return `set ${name}=${value}&&`;
  return `${name}=${/^[\w./-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
