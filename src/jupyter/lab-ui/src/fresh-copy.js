/**
 * Offers a new copy of a lecture beside the learner's own, to begin again, or to see its new version, without losing
 * anything.
 */
import { ICommandPalette, Notification, showErrorMessage } from "@jupyterlab/apputils";
import { PageConfig, URLExt } from "@jupyterlab/coreutils";
import { IMainMenu } from "@jupyterlab/mainmenu";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ServerConnection } from "@jupyterlab/services";

const COMMAND = "unrolled:fresh-copy";
/** The notice goes away by itself and stays in the list behind the bell of the status bar. */
const SHOWN_MS = 20_000;

export const freshCopy = {
  id: "unrolled-lab:fresh-copy",
  description: "Opens a fresh copy of a lecture, and says when there is a newer one.",
  autoStart: true,
  requires: [INotebookTracker, IMainMenu],
  optional: [ICommandPalette],
  activate({ commands, serviceManager, shell }, tracker, menu, palette) {
    // The server says so where there are originals to copy from.
    if (PageConfig.getOption("freshCopies") !== "true") return;
    commands.addCommand(COMMAND, {
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
    menu.fileMenu.addGroup([{ command: COMMAND }], 3);
    palette?.addItem({ command: COMMAND, category: "Lectures" });
    tellOfNewVersions(commands, tracker);
  },
};

/** Once for each lecture that the learner has edited and that has a newer version, when it is opened. */
function tellOfNewVersions(commands, tracker) {
  const outdated = new Set(JSON.parse(PageConfig.getOption("outdatedLectures") || "[]"));
  tracker.currentChanged.connect((_tracker, panel) => {
    if (!panel || !outdated.delete(panel.context.path)) return;
    const text = "This lecture has a newer version. Your edited copy stays as it is.";
    const open = { label: "Open a Fresh Copy", callback: () => void commands.execute(COMMAND) };
    Notification.info(text, { actions: [open], autoClose: SHOWN_MS });
  });
}
