/** The Help menu's links, licences and About box, for a page that may neither frame nor ask other hosts. */
import { Dialog, ICommandPalette, ILicensesClient, showDialog } from "@jupyterlab/apputils";
import { PageConfig, URLExt } from "@jupyterlab/coreutils";
import { Widget } from "@lumino/widgets";

export const links = {
  id: "unrolled-lab:help-links",
  description: "Opens the links of the Help menu in tabs of the browser.",
  autoStart: true,
  activate({ commands }) {
    commands.addCommand("help:open", {
      label: ({ text }) => text ?? "Open a Link",
      execute: ({ url }) => {
        // A kernel may name links of its own; only these kinds are harmless.
        if (/^(https?|mailto):/i.test(url ?? "")) window.open(url, "_blank", "noopener");
      },
      describedBy: {
        args: { type: "object", properties: { url: { type: "string" }, text: { type: "string" } } },
      },
    });
  },
};

export const licenses = {
  id: "unrolled-lab:licenses",
  description: "Reads the licences that the build has collected.",
  autoStart: true,
  provides: ILicensesClient,
  activate() {
    const file = (name) => URLExt.join(PageConfig.getOption("fullStaticUrl"), name);
    return {
      async getBundles() {
        const response = await fetch(file("licenses.json"));
        if (!response.ok) throw new Error(`licenses.json: ${response.status} ${response.statusText}`);
        return response.json();
      },
      /** The report as JSON, or as the text that lies beside the bundle. */
      async download({ format }) {
        const name = format === "json" ? "licenses.json" : "THIRD-PARTY-NOTICES.txt";
        Object.assign(document.createElement("a"), { href: file(name), download: name }).click();
      },
    };
  },
};

export const about = {
  id: "unrolled-lab:about",
  description: "Says what this is and whose work it stands on.",
  autoStart: true,
  optional: [ICommandPalette],
  activate({ commands, name, version }, palette) {
    const command = "help:about";
    commands.addCommand(command, {
      label: `About ${name}`,
      execute: () => {
        const body = new Widget();
        body.addClass("unrolled-about");
        for (const text of [
          `Notebooks in TypeScript, shown by JupyterLab ${version}.`,
          "© Project Jupyter Contributors and the authors of the packages under Help → Licenses.",
        ]) {
          body.node.append(Object.assign(document.createElement("p"), { textContent: text }));
        }
        return showDialog({ title: name, body, buttons: [Dialog.okButton({ label: "Close" })] });
      },
      describedBy: { args: { type: "object", properties: {} } },
    });
    palette?.addItem({ command, category: "Help" });
  },
};
