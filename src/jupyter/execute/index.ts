/** Runs notebooks without a front end: what nbclient and nbconvert --execute are for Python. */
export { CellError, type CellFailure, type CellPlace, NotebookError } from "./errors.ts";
export { type CellProgress, DEFAULT_TIMEOUT_MS, type ExecuteOptions, executeNotebook } from "./execute.ts";
export { type NotebookWithIds, parseNotebookFile } from "./notebook.ts";
export { type RunFileOptions, type RunFileReport, runNotebookFile } from "./run-file.ts";
export { findProblem } from "./validate.ts";
