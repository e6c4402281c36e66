/** Offers a new copy of a lecture beside the learner's own, to begin again without losing anything. */
import { showErrorMessage } from "@jupyterlab/apputils";
import { PageConfig, URLExt } from "@jupyterlab/coreutils";
import { IMainMenu } from "@jupyterlab/mainmenu";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ServerConnection } from "@jupyterlab/services";

export const freshCopy = {
  id: "unrolled-lab:fresh-copy",
  description: "Opens a fresh copy of a lecture.",
  autoStart: true,
  requires: [INotebookTracker, IMainMenu],
  activate({ commands, serviceManager, shell }, tracker, menu) {
    // The server says so where there are no originals to copy from.
    if (PageConfig.getOption("freshCopies") === "false") return;
    const command = "unrolled:fresh-copy";
    commands.addCommand(command, {
      label: "Open a Fresh Copy of This Lecture",
      caption: "Copies the lecture as its authors wrote it, beside yours",
      isEnabled: () => tracker.currentWidget !== null && tracker.currentWidget === shell.currentWidget,
      execute: async () => {
        const { path } = tracker.currentWidget.context;
        const { serverSettings } = serviceManager;
        const url = URLExt.join(serverSettings.baseUrl, "unrolled/api/fresh-copy");
        const request = { method: "POST", body: JSON.stringify({ path }) };
        const response = await ServerConnection.makeRequest(url, request, serverSettings);
        const answer = await response.json();
        if (response.ok) return commands.execute("docmanager:open", { path: answer.path });
        return showErrorMessage("No fresh copy", answer.message);
      },
      describedBy: { args: { type: "object", properties: {} } },
    });
    menu.fileMenu.addGroup([{ command }], 3);
  },
};
