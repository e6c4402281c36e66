/** What the compiler knows of a name, as text, Markdown and HTML. */

import type { Executor, TS } from "../compile/tslab.ts";
import { escapeHtml } from "../show/data-frame.ts";
import type { MimeBundle } from "../show/render.ts";

export type QuickInfo = NonNullable<ReturnType<Executor["inspect"]>>;

interface Section {
  /** "Parameters", "Returns", …; undefined for the description. */
  title: string | undefined;
  /** Markdown. */
  body: string;
}

const TITLES: Record<string, string> = {
  returns: "Returns",
  return: "Returns",
  throws: "Throws",
  see: "See",
};

export function describe(info: QuickInfo): MimeBundle {
  const signature = partsText(info.displayParts);
  const sections = sectionsOf(info);
  const markdown = sections.map(({ title, body }) => (title ? `**${title}**\n\n${body}` : body));
  const plain = sections.map(({ title, body }) => (title ? `${title}:\n${body}` : body));
  const html = sections.map(
    ({ title, body }) => (title ? `<p><strong>${title}</strong></p>` : "") + toHtml(body),
  );
  return {
    "text/plain": [signature, ...plain].join("\n\n"),
    "text/markdown": [`\`\`\`typescript\n${signature}\n\`\`\``, ...markdown].join("\n\n"),
    "text/html": [`<pre><code>${escapeHtml(signature)}</code></pre>`, ...html].join("\n"),
  };
}

function sectionsOf(info: QuickInfo): Section[] {
  const sections: Section[] = [];
  const description = resolveLinks(partsText(info.documentation)).trim();
  if (description) sections.push({ title: undefined, body: description });
  const parameters: string[] = [];
  for (const tag of info.tags ?? []) {
    const text = resolveLinks(partsText(tag.text)).trim();
    if (tag.name === "param" || tag.name === "template") {
      const [, name, rest] = /^(\S+)\s*-?\s*([\s\S]*)$/.exec(text) ?? ["", text, ""];
      parameters.push(`- \`${name}\`${rest ? ` — ${rest}` : ""}`);
    } else if (tag.name === "example") {
      sections.push({
        title: "Example",
        body: text.includes("```") ? text : `\`\`\`typescript\n${text}\n\`\`\``,
      });
    } else {
      sections.push({ title: TITLES[tag.name] ?? `@${tag.name}`, body: text });
    }
  }
  if (parameters.length > 0) {
    const after = sections[0]?.title === undefined ? Math.min(1, sections.length) : 0;
    sections.splice(after, 0, { title: "Parameters", body: parameters.join("\n") });
  }
  return sections.filter(({ body, title }) => body !== "" || title !== undefined);
}

function partsText(parts: readonly TS.SymbolDisplayPart[] | undefined): string {
  return (parts ?? []).map((part) => part.text).join("");
}

/** `{@link Tensor}` → `` `Tensor` `` */
function resolveLinks(text: string): string {
  return text.replace(/\{@link(?:code|plain)?\s+([^\s}|]+)(?:[\s|]+([^}]*))?\}/g, (_, target, label) =>
    label?.trim() ? label.trim() : `\`${target}\``,
  );
}

/** The Markdown that doc comments use: paragraphs, lists, code. Everything else stays text. */
function toHtml(markdown: string): string {
  return markdown
    .split(/(```[\s\S]*?```)/)
    .map((piece) => {
      const code = /^```\w*\n?([\s\S]*?)\n?```$/.exec(piece);
      if (code) return `<pre><code>${escapeHtml(code[1])}</code></pre>`;
      return piece
        .split(/\n{2,}/)
        .filter((block) => block.trim() !== "")
        .map(blockHtml)
        .join("\n");
    })
    .join("\n");
}

function blockHtml(block: string): string {
  const lines = block.trim().split("\n");
  if (lines.every((line) => /^\s*- /.test(line))) {
    return `<ul>${lines.map((line) => `<li>${inlineHtml(line.replace(/^\s*- /, ""))}</li>`).join("")}</ul>`;
  }
  return `<p>${inlineHtml(block.trim())}</p>`;
}

function inlineHtml(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((piece) =>
      /^`[^`]+`$/.test(piece) ? `<code>${escapeHtml(piece.slice(1, -1))}</code>` : escapeHtml(piece),
    )
    .join("");
}
