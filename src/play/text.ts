import type { FixedWindowLM } from "../lm/neural/fixed-window-lm.ts";
import type { RecurrentLM } from "../lm/neural/recurrent-lm.ts";

type Model = RecurrentLM | FixedWindowLM;

/** A typed text as the model can read it. */
export interface Cut {
  readonly ids: readonly number[];
  /** Tokens that the model does not know, each once: they are left out. */
  readonly unknown: readonly string[];
}

/** Cuts a text into tokens and leaves out what the vocabulary does not have. A sentence's end token is a line break. */
export function cut({ tokenizer, vocabulary }: Model, text: string): Cut {
  const typed = tokenizer?.unit === "word" || !tokenizer ? text.replace(/[ \t]+$/, "") : text;
  const tokens = tokenizer ? tokenizer.fragment(typed) : typed.split(/\s+/).filter((word) => word !== "");
  const ids: number[] = [];
  const unknown = new Set<string>();
  for (const token of tokens) {
    if (vocabulary.has(token) || vocabulary.unknown !== null) ids.push(vocabulary.id(token));
    else unknown.add(token);
  }
  return { ids, unknown: [...unknown] };
}

/** The text after one more token. */
export function append({ tokenizer, vocabulary, endId }: Model, text: string, id: number): string {
  if (id === endId) return `${text.replace(/[ \t]+$/, "")}\n`;
  const token = vocabulary.token(id);
  const words = !tokenizer || tokenizer.unit === "word";
  if (words) return text === "" || /\s$/.test(text) ? text + token : `${text} ${token}`;
  return tokenizer.unit === "jamo" ? (text.normalize("NFD") + token).normalize("NFC") : text + token;
}

/** A token as it can be seen: spaces and line breaks have signs. */
export function visible({ vocabulary, endId }: Model, id: number): string {
  if (id === endId) return "⏎";
  const token = vocabulary.token(id);
  if (token === " ") return "␣";
  return token.replaceAll("\n", "↵").replaceAll("\t", "⇥");
}

/** A token as it is read aloud. */
export function spoken({ vocabulary, endId }: Model, id: number): string {
  if (id === endId) return "end of sentence";
  const names: Record<string, string> = { " ": "space", "\n": "line break", "\t": "tab", "": "empty word" };
  const token = vocabulary.token(id);
  return Object.hasOwn(names, token) ? names[token] : token;
}
