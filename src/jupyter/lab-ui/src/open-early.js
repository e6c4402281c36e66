/**
 * Opens the document of the page's address as soon as the layout is restored. JupyterLab waits until the layout has
 * been saved again, which it does half a second after the last change to it: more than a second after the page is
 * ready. When its own turn comes, it finds the document open.
 */
import { PageConfig } from "@jupyterlab/coreutils";

export const openEarly = {
  id: "unrolled-lab:open-early",
  description: "Opens the document of the address without delay.",
  autoStart: true,
  activate(app) {
    const path = PageConfig.getOption("treePath");
    if (path === "") return;
    const open = async () => {
      await app.restored;
      const { type } = await app.serviceManager.contents.get(path, { content: false });
      if (type !== "directory") await app.commands.execute("docmanager:open", { path });
    };
    // What does not exist is JupyterLab's to report.
    open().catch(() => undefined);
  },
};
