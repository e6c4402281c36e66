/** Completion whose documentation is formatted: JupyterLab shows a kernel's plain text, and ours offers Markdown. */
import {
  Completer,
  ContextCompleterProvider,
  ICompletionProviderManager,
  KernelCompleterProvider,
} from "@jupyterlab/completer";
import { Text } from "@jupyterlab/coreutils";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";

class KernelProvider extends KernelCompleterProvider {
  /** What the kernel says of `code` once it is completed with this item. */
  async resolve(item, { editor, session }, patch) {
    const source = editor?.model.sharedModel.getSource();
    if (!source || !session?.kernel) return item;
    const code = patch ? source.slice(0, patch.start) + patch.value : source;
    const cursor = patch ? code.length : editor.getOffsetAt(editor.getCursorPosition());
    const { content } = await session.kernel.requestInspect({
      code,
      // The protocol counts code points, the editor UTF-16 units.
      cursor_pos: Text.jsIndexToCharIndex(cursor, code),
      detail_level: 0,
    });
    if (content.status !== "ok" || !content.found) return item;
    item.documentation = content.data["text/plain"];
    item.markdown = content.data["text/markdown"];
    return item;
  }
}

class MarkdownRenderer extends Completer.Renderer {
  #rendermime;

  constructor(rendermime) {
    super({ sanitizer: rendermime.sanitizer });
    this.#rendermime = rendermime;
  }

  createDocumentationNode(item) {
    if (!item.markdown) return super.createDocumentationNode(item);
    const renderer = this.#rendermime.createRenderer("text/markdown");
    renderer.addClass("unrolled-documentation");
    renderer.renderModel(this.#rendermime.createModel({ data: { "text/markdown": item.markdown } }));
    return renderer.node;
  }
}

export const completions = {
  id: "unrolled-lab:completions",
  description: "Completes from the kernel and from the text of the cell.",
  autoStart: true,
  requires: [ICompletionProviderManager, IRenderMimeRegistry],
  activate(_app, manager, rendermime) {
    for (const provider of [new ContextCompleterProvider(), new KernelProvider()]) {
      provider.renderer = new MarkdownRenderer(rendermime);
      manager.registerProvider(provider);
    }
  },
};
