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
        // Has been called before and is only waited for; what it finds, runCell looks at itself.
        await sessionContext.initialize().catch(() => undefined);
      }
      return runCell(options);
    },
  }),
};
