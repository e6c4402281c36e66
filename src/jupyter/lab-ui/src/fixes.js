/** Mends faults of JupyterLab 4.6.4 that its users meet. To be looked at again with every newer version. */
import { CodeMirrorSearchHighlighter } from "@jupyterlab/codemirror";
import { Context } from "@jupyterlab/docregistry";
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

/**
 * What is typed while a save is on its way is not in it, and JupyterLab calls the document saved all the same: it is
 * not saved again by itself, and can be closed without a question.
 */
export function stayDirtyWhenEditedWhileSaving() {
  const { _save } = Context.prototype;
  Context.prototype._save = async function () {
    let edited = false;
    const note = () => {
      edited = true;
    };
    // `_save` takes the content before it first waits.
    const saving = _save.call(this);
    this.model.contentChanged.connect(note);
    try {
      await saving;
      // Not after a save that failed, or one that became "Revert": those leave the mark as it has to be.
      if (edited && !this.isDisposed) this.model.dirty = true;
    } finally {
      if (!this.isDisposed) this.model.contentChanged.disconnect(note);
    }
  };
}

/**
 * A file that cannot be loaded counts as an edited notebook with one empty cell; closing it, JupyterLab offers to save
 * that over the file.
 */
export function keepFilesThatCannotBeLoaded() {
  const { initialize } = Context.prototype;
  Context.prototype.initialize = async function (isNew) {
    try {
      await initialize.call(this, isNew);
    } catch (error) {
      if (!isNew && !this.isDisposed) this.model.dirty = false;
      throw error;
    }
  };
}
