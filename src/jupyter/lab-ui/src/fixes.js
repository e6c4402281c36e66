/** Mends in JupyterLab 4.6.4 what would show in the console. To be looked at again with every newer version. */
import { CodeMirrorSearchHighlighter } from "@jupyterlab/codemirror";
import { ReactiveToolbar } from "@jupyterlab/ui-components";

/**
 * A search that meets a cell outside the window gives it an editor, and gives it the same again when the cell comes
 * into the window; the second time is an exception that nobody catches.
 */
export function allowSameEditorAgain() {
  const { setEditor } = CodeMirrorSearchHighlighter.prototype;
  CodeMirrorSearchHighlighter.prototype.setEditor = function (editor) {
    if (this._cm !== editor) setEditor.call(this, editor);
  };
}

/** A notebook that is closed as soon as it is shown: its toolbar measures itself after its end. */
export function stopMeasuringClosedToolbars() {
  ReactiveToolbar.prototype.onAfterShow = async function () {
    await this._resizer.stop();
    if (!this.isDisposed) this._resizer.invoke(true);
  };
}
