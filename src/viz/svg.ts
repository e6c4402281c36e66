import { escapeHtml, printable } from "./text.ts";

/**
 * Makes plotly's SVG fit to be kept in a notebook under version control: the same figure gives the same bytes, and no
 * more of them than needed. Works on the tags only; the text between them comes from data and is left alone.
 */
export function tidySvg(svg: string, alt: string): string {
  // The clip of a legend serves its scroll bar; in a viewer with a wider font it would only cut letters off.
  const source = printable(svg).replace(/(<g class="scrollbox"[^>]*) clip-path="[^"]*"/g, "$1");
  const used = new Set(
    [...source.matchAll(/(?:url\((?:'|&quot;)?#|href="#)([^'")&]+)/g)].map((match) => match[1]),
  );
  let text = source.replace(
    /<([a-zA-Z][^\s/>]*)((?:\s[^<>]*?)?)(\/?)>/g,
    (_, name, attributes, end) => `<${name}${tidyAttributes(attributes, used)}${end}>`,
  );
  text = dropEmpty(text);
  if (!text.includes("xlink:href")) text = text.replace(/ xmlns:xlink="[^"]*"/, "");
  return renameIds(text).replace("<svg", () => `<svg role="img" aria-label="${escapeHtml(alt)}"`);
}

/** Attributes that hold coordinates. */
const COORDINATES = new Set([
  "x",
  "y",
  "x1",
  "x2",
  "y1",
  "y2",
  "width",
  "height",
  "d",
  "transform",
  "dy",
  "points",
  "offset",
]);

function tidyAttributes(source: string, used: ReadonlySet<string>): string {
  let kept = "";
  for (const [, name, value] of source.matchAll(/([\w:.-]+)="([^"]*)"/g)) {
    let text = value;
    if (name === "id" && !used.has(value)) continue;
    if (name === "style") text = tidyStyle(value);
    else if (name === "stop-color") text = shortColours(value);
    else if (COORDINATES.has(name)) text = roundNumbers(value);
    if (name.startsWith("data-") || name === "pointer-events") continue;
    if ((text === "" && name !== "d") || (name === "stop-opacity" && text === "1")) continue;
    kept += ` ${name}="${text}"`;
  }
  return kept;
}

/** Declarations that say what holds anyway, or that matter only under a mouse. */
const DEFAULTS: ReadonlySet<string> = new Set([
  "opacity:1",
  "fill-opacity:1",
  "stroke-opacity:1",
  "vector-effect:none",
  "stroke-miterlimit:2",
  "pointer-events:none",
  "pointer-events:all",
]);

function tidyStyle(style: string): string {
  if (style.includes("&")) return style; // quoted names; a semicolon may belong to them
  return style
    .replace(/TOBESTRIPPED/g, "") // plotly's marks around quotes, where there were none to replace
    .split(";")
    .map((declaration) => declaration.trim().replace(/\s*:\s*/, ":"))
    .filter((declaration) => declaration !== "" && !DEFAULTS.has(declaration))
    .map((declaration) => roundNumbers(shortColours(declaration)))
    .join(";");
}

/** rgb(17, 110, 255) → #116eff */
function shortColours(text: string): string {
  return text.replace(/rgb\((\d+), (\d+), (\d+)\)/g, (_, ...channels) => {
    const hex = channels.slice(0, 3).map((channel) => Number(channel).toString(16).padStart(2, "0"));
    return `#${hex.join("")}`;
  });
}

/** Two decimals: a hundredth of a pixel. Only where a number has more, so that nothing grows. */
function roundNumbers(text: string): string {
  return text.replace(/-?\d*\.\d{3,}(?:e-?\d+)?/g, (number) =>
    String(Math.round(Number(number) * 100) / 100 || 0),
  );
}

/** Layers that stayed empty, clips that nothing uses, and rectangles that only a mouse would find. */
function dropEmpty(svg: string): string {
  let text = svg
    .replace(/<clipPath(?![^>]* id=)[^>]*>.*?<\/clipPath>/gs, "")
    .replace(/<rect[^>]*\/>/g, (tag) => (isInvisible(tag) ? "" : tag))
    .replace(/<path(?: class="[^"]*")?(?: style="[^"]*")?(?: d="(?:M0,0)?")?\/>/g, "");
  for (let before = ""; before !== text; ) {
    before = text;
    text = text.replace(/<(g|defs)(?:\s[^>]*)?\/>|<(g|defs)(?:\s[^>]*)?><\/\2>/g, "");
  }
  return text;
}

function isInvisible(rect: string): boolean {
  if (/class="(?:legendtoggle|scrollbar)"/.test(rect)) return true;
  const stroked = /stroke:/.test(rect) && !/stroke-(?:width|opacity):0(?:px)?[;"]/.test(rect);
  return /fill-opacity:0[;"]/.test(rect) && !stroked;
}

/**
 * Plotly's ids are random: they are numbered in the order in which they appear. A prefix made from the content keeps
 * the ids of two pictures apart that stand in one page.
 */
function renameIds(svg: string): string {
  const names = new Map<string, string>();
  for (const [, id] of svg.matchAll(/<[^>]* id="([^"]*)"/g)) names.set(id, String(names.size));
  const rename = (name: (id: string) => string) =>
    svg.replace(/<[^>]*>/g, (tag) =>
      tag
        .replace(/ id="([^"]*)"/g, (_, id) => ` id="${name(id)}"`)
        .replace(/url\((?:'|&quot;)?#([^'")&]*)(?:'|&quot;)?\)/g, (_, id) => `url(#${name(id)})`)
        .replace(/href="#([^"]*)"/g, (_, id) => `href="#${name(id)}"`),
    );
  const prefix = fingerprint(rename((id) => names.get(id) ?? id));
  return rename((id) => (names.has(id) ? `${prefix}-${names.get(id)}` : id));
}

/** FNV-1a (Fowler, Noll & Vo) over UTF-16 units, as a letter and a number in base 36. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return `f${hash.toString(36)}`;
}
