/**
 * Runs cells once the notebook's kernel is there. JupyterLab's own executor, asked while the kernel of a notebook
 * just opened is still starting, takes it for a notebook without kernel, and "Run All" does nothing at all.
 */
import { INotebookCellExecutor, runCell } from "@jupyterlab/notebook";

export const cellExecutor = {
  id: "unrolled-lab:cell-executor",
  description: "Runs cells, after waiting for the notebook's kernel.",
  autoStart: true,
  provides: INotebookCellExecutor,
  activate: () => ({
    async runCell(options) {
      const { cell, sessionContext } = options;
      if (cell.model.type === "code" && sessionContext && !sessionContext.isReady) {
        cell.setPrompt("*");
        // Private, and the only sign of it: JupyterLab knows which kernel the notebook wants, and has asked for it.
        // Before, initialize() would ask for the kernel of a notebook that wants none, and so ask the user.
        await sessionContext._initStarted.promise;
        await sessionContext.initialize().catch(() => undefined);
        // The empty cell of a notebook that was not loaded yet, or one that was deleted while the kernel started.
        if (cell.isDisposed) return false;
      }
      return runCell(options);
    },
  }),
};
