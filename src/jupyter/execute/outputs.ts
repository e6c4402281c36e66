import type { JsonObject, JupyterMessage } from "../client/index.ts";
import type { Output } from "./notebook.ts";

/** The display ids of a whole notebook: a later cell may update what an earlier one showed. */
export type Displays = Map<string, Output[]>;

/** Turns the messages that one cell causes into the outputs of a notebook file. */
export class OutputCollector {
  outputs: Output[] = [];
  /** Characters received, cleared ones included. */
  size = 0;
  readonly #displays: Displays;
  #clearOnNext = false;

  constructor(displays: Displays) {
    this.#displays = displays;
  }

  accept({ header, content }: JupyterMessage): void {
    switch (header.msg_type) {
      case "stream":
        this.#stream(String(content["name"]), String(content["text"]));
        break;
      case "display_data":
      case "execute_result": {
        const output: Output = {
          output_type: header.msg_type,
          data: content["data"] as JsonObject,
          metadata: (content["metadata"] as JsonObject) ?? {},
        };
        if (header.msg_type === "execute_result")
          output["execution_count"] = content["execution_count"] ?? null;
        this.#add(output);
        this.#remember(output, content);
        break;
      }
      case "update_display_data":
        this.size += sizeOf(content["data"]);
        for (const shown of this.#displays.get(displayId(content) ?? "") ?? []) {
          shown.data = content["data"] as JsonObject;
          shown["metadata"] = (content["metadata"] as JsonObject) ?? {};
        }
        break;
      case "error": {
        const { ename, evalue, traceback } = content;
        this.#add({
          output_type: "error",
          ename: String(ename ?? ""),
          evalue: String(evalue ?? ""),
          traceback: Array.isArray(traceback) ? traceback.map(String) : [],
        });
        break;
      }
      case "clear_output":
        // With `wait` the old outputs stay until something takes their place, so that nothing flickers.
        if (content["wait"] === true) this.#clearOnNext = true;
        else this.#clear();
        break;
    }
  }

  #stream(name: string, text: string): void {
    const last = this.#clearOnNext ? undefined : this.outputs.at(-1);
    if (last?.output_type === "stream" && last["name"] === name) {
      this.size += text.length;
      last.text = (last.text as string) + text;
    } else if (text !== "") {
      this.#add({ output_type: "stream", name, text });
    }
  }

  #add(output: Output): void {
    if (this.#clearOnNext) this.#clear();
    this.size += sizeOf(output);
    this.outputs.push(output);
  }

  #clear(): void {
    this.#clearOnNext = false;
    this.outputs.length = 0;
  }

  #remember(output: Output, content: JsonObject): void {
    const id = displayId(content);
    if (id === undefined) return;
    const shown = this.#displays.get(id);
    if (shown) shown.push(output);
    else this.#displays.set(id, [output]);
  }
}

function displayId(content: JsonObject): string | undefined {
  const id = (content["transient"] as JsonObject | undefined)?.["display_id"];
  return typeof id === "string" ? id : undefined;
}

function sizeOf(value: unknown): number {
  return typeof value === "string" ? value.length : (JSON.stringify(value)?.length ?? 0);
}
