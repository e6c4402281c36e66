import { data } from "../../src/index.ts";

/** What the README says of a corpus beyond what the library reads. */
interface Entry extends data.CatalogueEntry {
  readonly characters: number;
  readonly distinctCharacters?: number;
  readonly citation: string;
  readonly split: data.CatalogueSplit & {
    rule: string;
    train?: number;
    valid?: number;
    lines?: number;
    tokens?: number;
  };
}

const count = (n: number) => n.toLocaleString("en-US");
const table = (header: readonly string[], rows: readonly (readonly string[])[]) =>
  [header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** The generated parts of `datasets/README.md`, by the name in their markers. */
export function parts(): Record<string, string> {
  const entries = data.readCatalogue() as readonly Entry[];
  const committed = entries.filter((entry) => entry.committed);
  const brought = entries.filter((entry) => !entry.committed);
  return {
    committed: table(
      ["name", "file", "size", "characters", "licence", "SHA-256"],
      committed.map(({ name, path, bytes, characters, distinctCharacters, licence, sha256 }) => [
        `\`${name}\``,
        `\`${path}\``,
        `${count(bytes)} bytes`,
        `${count(characters)} (${distinctCharacters} distinct)`,
        licence,
        `\`${sha256.slice(0, 16)}…\``,
      ]),
    ),
    splits: table(
      ["name", "cut", "train", "valid", "share"],
      committed.map(({ name, characters, split }) => [
        `\`${name}\``,
        ...[split.cut!, split.train!, split.valid!].map(count),
        `${((100 * split.valid!) / characters).toFixed(1)} %`,
      ]),
    ),
    brought: table(
      ["name", "file", "size", "get it by", "licence"],
      brought.map(({ name, file, bytes, source, licence }) => [
        `\`${name}\``,
        `\`${file}\``,
        `${count(bytes)} bytes`,
        source
          ? `\`npx unrolled data get ${name}\` ([source](${source}))`
          : `\`npx unrolled data get ${name} --from FILE\``,
        licence,
      ]),
    ),
    rules: brought
      .map(
        ({ name, split, sha256 }) =>
          `- \`${name}\` (SHA-256 \`${sha256}\`): ${split.rule.replace(/<\w+>/g, "`$&`")}.`,
      )
      .join("\n"),
    citations: [...new Set(brought.map(({ citation }) => `- ${citation}`))].join("\n"),
    sources: table(
      ["call", "what", "least loss, nats per predicted symbol", "other levels"],
      [
        source("data.reber()", data.reber(), [0, 1, 2]),
        source("data.embeddedReber()", data.embeddedReber(), [1, 2, 3, 6, 7, 8, 10, 12]),
        source("data.elman()", data.elman(), [0, 1, 2, 3]),
        source("data.stickyChain()", data.stickyChain(), [0, 1]),
        source("data.dyck()", data.dyck(), [0, 1, 3, 6]),
        source("data.dyck({ kinds: 2 })", data.dyck({ kinds: 2 }), [0, 1, 3, 6]),
        source("data.anbn()", data.anbn(), [0, 1, 3, 8]),
        source("data.farCue()", data.farCue(), [1, 8, 9]),
        source("data.farCue({ distance: 30 })", data.farCue({ distance: 30 }), [1]),
        source("data.combinations().all", data.combinations().all, [0, 1, 2, 3]),
        source("data.sentiment().source", data.sentiment().source, [0, 1, 2]),
        source("data.particleSentences()", data.particleSentences(), [0, 1, 2, 4]),
      ],
    ),
    pairs: table(
      ["call", "what", "different items"],
      [
        ["numberWords()", data.numberWords()] as const,
        [
          'numberWords({ language: "ko", from: "words" })',
          data.numberWords({ language: "ko", from: "words" }),
        ] as const,
        ["dates()", data.dates()] as const,
        ['dates({ language: "ko" })', data.dates({ language: "ko" })] as const,
        ["translation()", data.translation()] as const,
        ["headlines()", data.headlines()] as const,
        ["dialogue()", data.dialogue()] as const,
      ].map(([call, task]) => [`\`data.${call}\``, task.about, count(task.size)]),
    ),
    tasks: table(
      ["call", "what", "least loss", "losses of those who learned less"],
      [data.copy(), data.adding(), data.temporalOrder()].map((task) => [
        `\`data.${task.name.replace(" o", "O")}()\``,
        task.about,
        `${task.optimum} (${task.unit})`,
        Object.entries(task.levels)
          .map(([what, level]) => `${what}: ${level.toFixed(6)}`)
          .join(", "),
      ]),
    ),
  };
}

function source(call: string, source: data.StringSource, orders: readonly number[]): string[] {
  const levels = Object.entries(source.levels).map(([what, nats]) => `${what}: ${nats.toFixed(6)}`);
  const seen = orders.map((order) => `${order}: ${source.orderOptimum(order).toFixed(4)}`);
  return [
    `\`${call}\``,
    source.about,
    source.optimum.nats.toFixed(6),
    [`by order ${seen.join(", ")}`, ...levels].join("; "),
  ];
}

/** The text with each part between its markers. @throws if a marker is missing. */
export function withParts(readme: string): string {
  let text = readme;
  for (const [name, part] of Object.entries(parts())) {
    const [begin, end] = [
      `<!-- ${name}: made from the catalogue and the code -->`,
      `<!-- end of ${name} -->`,
    ];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`datasets/README.md has no place for "${name}"`);
    text = `${text.slice(0, from + begin.length)}\n${part}\n${text.slice(to)}`;
  }
  return text;
}
