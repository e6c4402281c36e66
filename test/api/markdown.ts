/** The reference in Markdown: one page for each namespace, and one for the names without. */
import type { Example } from "./examples.ts";
import type { Doc, Entry } from "./model.ts";

/** What stands at the head of each page. */
export const PAGES: Readonly<Record<string, string>> = {
  index: "Names of the package itself: tensors, automatic differentiation, chance, exercises, errors.",
  ops: "Functions of tensors, each with its derivative. Many are methods of `Tensor` too. The table of all ops with formulas, in `src/ops/README.md`, is made of the same definitions.",
  nn: "Layers: modules with parameters, under PyTorch's names.",
  optim: "Optimizers, clipping of gradients, schedules of the learning rate.",
  text: "Reading texts strictly, vocabularies, tokenizers, corpora and batches.",
  lm: "Language models behind one interface, training, checkpoints, generation.",
  data: "Generated corpora and tasks, each with its exact optimum; the catalogue of texts.",
  viz: "Data to figures, and how tensors and modules show themselves.",
  lectures: "The exercises of the lectures, and what a teacher needs.",
};

export const fileOf = (page: string): string => (page === "index" ? "README.md" : `${page}.md`);
const shortName = ({ name, page }: Entry): string => (page === "index" ? name : name.slice(page.length + 1));

/** GitHub's anchor of a heading. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");

/** Anchors of all entries of a page, numbered where two are written alike. */
function anchors(entries: readonly Entry[]): Map<Entry, string> {
  const seen = new Map<string, number>();
  const found = new Map<Entry, string>();
  for (const one of [...entries].sort(byKind)) {
    const anchor = anchorOf(shortName(one));
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    found.set(one, count === 0 ? anchor : `${anchor}-${count}`);
  }
  return found;
}

const KINDS = ["class", "function", "value", "type"] as const;
const TITLES = { class: "Classes", function: "Functions", value: "Values", type: "Types" } as const;
const byKind = (a: Entry, b: Entry): number => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind);

/** File name → text. */
export function apiPages(
  entries: readonly Entry[],
  examples: ReadonlyMap<string, Example>,
): Map<string, string> {
  const pages = Object.keys(PAGES);
  const links = new Map<unknown, string>();
  for (const page of pages) {
    for (const [one, anchor] of anchors(entries.filter((entry) => entry.page === page))) {
      if (!links.has(one.symbol)) links.set(one.symbol, `[${one.name}](${fileOf(page)}#${anchor})`);
    }
  }
  const found = new Map<string, string>();
  for (const page of pages) {
    const own = entries.filter((entry) => entry.page === page);
    const sections = KINDS.flatMap((kind) => {
      const some = own.filter((entry) => entry.kind === kind);
      return some.length === 0
        ? []
        : [`## ${TITLES[kind]}\n\n${some.map((one) => entryText(one, links, examples)).join("\n")}`];
    });
    found.set(fileOf(page), `${headOf(page, own)}\n${sections.join("\n")}`);
  }
  return found;
}

function headOf(page: string, entries: readonly Entry[]): string {
  const title = page === "index" ? "# API reference" : `# \`${page}\``;
  const others = Object.keys(PAGES).map((other) =>
    other === page ? `**${other}**` : `[${other}](${fileOf(other)})`,
  );
  const found = anchors(entries);
  const lists = KINDS.flatMap((kind) => {
    const some = entries.filter((entry) => entry.kind === kind);
    const names = some.map((one) => `[${shortName(one)}](#${found.get(one)})`).join(" · ");
    return some.length === 0 ? [] : [`**${TITLES[kind]}:** ${names}`];
  });
  const made =
    "Made from the doc comments by `npm run docs`. Every example runs as a test; what stands behind `//` is what its line gives.";
  return `${title}\n\n${PAGES[page]}\n\n${page === "index" ? `${made}\n\n` : ""}Pages: ${others.join(" · ")}\n\n${lists.join("\n\n")}\n`;
}

function entryText(
  entry: Entry,
  links: ReadonlyMap<unknown, string>,
  examples: ReadonlyMap<string, Example>,
): string {
  const parts = [
    `### ${shortName(entry)}`,
    `\`\`\`ts\n${entry.signatures.join("\n")}\n\`\`\``,
    docText(entry),
  ];
  if (entry.members.length > 0) {
    parts.push(
      entry.members
        .map((member) => {
          const doc = docText(member).replace(/\n+/g, " ");
          return `- \`${member.signature}\`${doc === "" ? "" : `: ${doc}`}`;
        })
        .join("\n"),
    );
  }
  const example = examples.get(entry.name);
  if (example) parts.push(`\`\`\`ts\n${example.code}\n\`\`\``);
  const see = [...entry.mentions].flatMap((symbol) => links.get(symbol) ?? []);
  if (see.length > 0) parts.push(`See ${[...new Set(see)].sort().join(", ")}.`);
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** Sentences, and what is thrown. Examples stand in their own place. */
function docText({ text, tags }: Doc): string {
  const thrown = tags
    .filter(({ name, text: what }) => ["throws", "returns", "deprecated"].includes(name) && what !== "")
    .map(
      ({ name, text: what }) =>
        `${{ throws: "Throws", returns: "Returns", deprecated: "Deprecated:" }[name]} ${what.replace(/^\{(\w+)\}/, "`$1`")}`,
    );
  const safe = (part: string) => part.replace(/(`[^`]*`)|</g, (_, code) => code ?? "&lt;");
  return [safe(text), ...thrown.map(safe)].filter((part) => part !== "").join("\n\n");
}
