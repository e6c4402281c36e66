/** What a user does with JupyterLab, as methods. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import type { Locator, Page } from "playwright-core";

interface MainWidget {
  sessionContext?: { isReady: boolean };
  context?: { model: { dirty: boolean } };
  content?: { activeCellIndex: number; model?: { cells: { length: number } } };
}

/** The little of JupyterLab's application object that is used here. */
interface Lab {
  commands: { execute(id: string, args?: object): Promise<unknown> };
  shell: { currentWidget: MainWidget | null; widgets(area: string): Iterable<MainWidget> };
  serviceManager: { settings: { save(id: string, raw: string): Promise<void> } };
}

export class LabPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Runs a command of the palette and waits for its end; `start` does not wait. */
  async command(id: string, args: Record<string, string> = {}): Promise<void> {
    await this.page.evaluate(
      async ([id, args]) => {
        const { jupyterapp } = window as unknown as { jupyterapp: Lab };
        await jupyterapp.commands.execute(id, args);
      },
      [id, args] as const,
    );
  }

  async start(id: string, args: Record<string, string> = {}): Promise<void> {
    await this.page.evaluate(
      ([id, args]) => {
        const { jupyterapp } = window as unknown as { jupyterapp: Lab };
        void jupyterapp.commands.execute(id, args);
      },
      [id, args] as const,
    );
  }

  /** The notebook in front. */
  get notebook(): Locator {
    return this.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)");
  }

  /** By its number in the notebook: not every cell of a page is in the document. */
  cell(index: number): Locator {
    return this.notebook.locator(`.jp-Notebook .jp-Cell[data-windowed-list-index="${index}"]`);
  }

  /** The texts of a cell's outputs, without their prompts. */
  async outputs(index: number): Promise<string[]> {
    const texts = await this.cell(index).locator(".jp-OutputArea-output").allTextContents();
    return texts.map((text) => text.trim());
  }

  /** Waits until a cell shows these outputs: a page that is being opened draws them more than once. */
  async shows(index: number, texts: readonly string[]): Promise<void> {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const shown = await this.outputs(index);
      if (isDeepStrictEqual(shown, texts)) return;
      if (performance.now() > deadline) assert.deepEqual(shown, texts, `outputs of cell ${index}`);
      await this.page.waitForTimeout(50);
    }
  }

  /** Waits until the notebook in front is drawn. Before it is loaded it has one empty cell, behind a spinner. */
  async visible(): Promise<void> {
    await this.notebook.locator(".jp-Notebook .jp-Cell").first().waitFor();
    await this.notebook.locator(".jp-Spinner").waitFor({ state: "detached" });
  }

  /** Waits until no cell has a star and the kernel is idle. */
  async idle(): Promise<void> {
    await this.notebook.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').waitFor();
    await this.page.waitForFunction(() => {
      const prompts = document.querySelectorAll(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-InputPrompt");
      return [...prompts].every((prompt) => !prompt.textContent?.includes("*"));
    });
  }

  /** Adds a cell at the end with this text and leaves the cursor in it. @returns its index. */
  async addCell(source: string): Promise<number> {
    // The model is asked: a page that has just been opened has not yet put all cells into the document.
    const count = await this.page.evaluate(() => {
      const { content } = (window as unknown as { jupyterapp: Lab }).jupyterapp.shell.currentWidget ?? {};
      if (!content?.model) throw new Error("no notebook is in front");
      content.activeCellIndex = content.model.cells.length - 1;
      return content.model.cells.length;
    });
    await this.command("notebook:insert-cell-below");
    await this.command("notebook:enter-edit-mode");
    // A cell gets its editor when it comes into the window; a text for a cell without one is lost.
    await this.cell(count).locator(".cm-editor.cm-focused").waitFor();
    await this.command("notebook:replace-selection", { text: source });
    return count;
  }

  /** Adds a cell, runs it and waits. @returns the texts of its outputs. */
  async run(source: string): Promise<string[]> {
    const index = await this.addCell(source);
    await this.command("notebook:run-cell");
    await this.idle();
    return this.outputs(index);
  }

  /** Twice: JupyterLab ignores the wish while it is saving by itself, perhaps what was there before the last change. */
  async save(): Promise<void> {
    for (let i = 0; i < 2; i++) {
      await this.command("docmanager:save");
      await this.page.locator(".lm-TabBar-tab.lm-mod-current.jp-mod-dirty").waitFor({ state: "detached" });
    }
  }

  /** Sets after how many seconds a changed document is saved by itself. */
  async saveEvery(seconds: number): Promise<void> {
    await this.page.evaluate(async (seconds) => {
      const { serviceManager } = (window as unknown as { jupyterapp: Lab }).jupyterapp;
      const id = "@jupyterlab/docmanager-extension:plugin";
      await serviceManager.settings.save(id, `{ "autosaveInterval": ${seconds} /* seconds */ }`);
    }, seconds);
  }

  /** Waits until a file holds a text that was not saved on purpose. */
  async onDisk(file: string, text: RegExp): Promise<void> {
    const deadline = performance.now() + 30_000;
    while (!text.test(await readFile(file, "utf8"))) {
      assert.ok(performance.now() < deadline, `${text} was not saved in ${file}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Closes all documents, and waits until the layout without them is saved: the next page would open them again. */
  async closeAll(): Promise<void> {
    // JupyterLab throws in the console when a notebook is closed whose kernel is just starting.
    await this.page.waitForFunction(() => {
      const { jupyterapp } = window as unknown as { jupyterapp: Lab };
      return [...jupyterapp.shell.widgets("main")].every((one) => one.sessionContext?.isReady !== false);
    });
    const saved = this.page.waitForResponse((response) => {
      const request = response.request();
      if (request.method() !== "PUT" || !/lab\/api\/workspaces/.test(response.url())) return false;
      // Not the saving of what was opened just before.
      return !/"notebook:[^"]+\.ipynb"/.test(request.postData() ?? "");
    });
    await this.page.evaluate(async () => {
      const { jupyterapp } = window as unknown as { jupyterapp: Lab };
      // A kernel that has started writes its language into a new notebook: no question whether to keep that.
      for (const { context } of jupyterapp.shell.widgets("main")) if (context) context.model.dirty = false;
      await jupyterapp.commands.execute("application:close-all");
    });
    await saved;
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.visible();
  }

  /** Presses the last button of a dialog: the only one, or the one that agrees. */
  async acceptDialog(): Promise<void> {
    await this.page.locator(".jp-Dialog .jp-Dialog-button").last().click();
    await this.page.locator(".jp-Dialog").waitFor({ state: "detached" });
  }

  /** The traces of the figure in a cell: how many there are, with a line that is drawn. */
  async drawnTraces(index: number): Promise<number> {
    // A page that is opened again may stand far below, and cells far from the window are not in the document.
    const deadline = performance.now() + 30_000;
    while ((await this.cell(index).locator(".jp-OutputArea").count()) === 0) {
      assert.ok(performance.now() < deadline, `cell ${index} has no output`);
      await this.notebook.locator(".jp-WindowedPanel-outer").evaluate((panel) => panel.scrollTo(0, 0));
      await this.page.waitForTimeout(100);
    }
    // Figures are drawn when they come near the window.
    await this.cell(index).locator(".jp-OutputArea").scrollIntoViewIfNeeded();
    const lines = this.cell(index).locator(".js-plotly-plot .scatterlayer .trace path.js-line");
    await lines.first().waitFor();
    const shapes = await lines.evaluateAll((paths) => paths.map((path) => path.getAttribute("d") ?? ""));
    for (const shape of shapes) assert.match(shape, /^M[\d.,-]+.*L/, "a line has at least two points");
    return shapes.length;
  }

  /** A CSS property of the figure's title: what is seen, not what was asked for. */
  figureStyle(index: number, property: string): Promise<string> {
    return this.cell(index)
      .locator(".js-plotly-plot .gtitle")
      .evaluate((title, property) => getComputedStyle(title).getPropertyValue(property), property);
  }
}
