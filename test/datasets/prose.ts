/** What can be checked of a prose text by rule: its alphabet, repeats, brackets and small agreements. */

/** The distinct characters of `text` that are neither in `alphabet` nor in a range `"U+AC00-U+D7A3"`. */
export function outsideAlphabet(text: string, alphabet: string, ranges: readonly string[]): string[] {
  const listed = new Set(alphabet);
  const bounds = ranges.map((range) => range.split("-").map((end) => Number.parseInt(end.slice(2), 16)));
  return [...new Set(text)].filter((character) => {
    const code = character.codePointAt(0)!;
    return !listed.has(character) && !bounds.some(([from, to]) => from <= code && code <= to);
  });
}

/** The first passage of `length` characters that occurs twice, or undefined. */
export function firstRepeat(text: string, length: number): string | undefined {
  const seen = new Set<string>();
  for (let start = 0; start + length <= text.length; start++) {
    const passage = text.slice(start, start + length);
    if (seen.has(passage)) return passage;
    seen.add(passage);
  }
  return undefined;
}

/**
 * The paragraphs in which a quotation mark or a parenthesis is left open, or a parenthesis is closed before
 * it is opened. The single quote is a quotation mark in the Korean text and an apostrophe in the English one.
 */
export function unbalancedParagraphs(paragraphs: readonly string[], language: string): string[] {
  return paragraphs.filter((paragraph) => {
    let depth = 0;
    for (const character of paragraph) {
      if (character === "(") depth++;
      if (character === ")" && --depth < 0) return true;
    }
    const quotes = language === "ko" ? ['"', "'"] : ['"'];
    return depth !== 0 || quotes.some((quote) => paragraph.split(quote).length % 2 === 0);
  });
}

/** Words whose first letter and first sound differ: "one", "useful", "union", "European"; "heir", "honest", "hour", "X". */
const vowelLetterConsonantSound = /^(one|us[aeu]|uni[^nm]|eu)/i;
const consonantLetterVowelSound = /^(heir|honest|hour|x$)/i;

/** Every "a" before a vowel sound and "an" before another, each pair once, sorted; the article in lower case. */
export function disagreeingArticles(text: string): string[] {
  const found = new Set<string>();
  for (const [, article, word] of text.matchAll(/\b(an?) ([A-Za-z][A-Za-z-]*)/gi)) {
    const vowelSound =
      consonantLetterVowelSound.test(word) ||
      (/^[aeiou]/i.test(word) && !vowelLetterConsonantSound.test(word));
    if (/^an$/i.test(article) !== vowelSound) found.add(`${article.toLowerCase()} ${word}`);
  }
  return [...found].sort();
}

/** Every word in 은 or 을 after an open syllable, or in 는, 를 or 가 after a closed one, each once, sorted. */
export function disagreeingParticles(text: string): string[] {
  const closed = (syllable: string): boolean => (syllable.charCodeAt(0) - 0xac00) % 28 !== 0;
  const words = new Set(text.match(/[가-힣]{2,}/g) ?? []);
  return [...words]
    .filter((word) => {
      const [before, particle] = word.slice(-2);
      if ("은을".includes(particle)) return !closed(before);
      return "는를가".includes(particle) && closed(before);
    })
    .sort();
}
