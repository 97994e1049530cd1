import type { SearchText, SearchWords } from '../words.ts';

/** Characters of a beginning that has a token of its own, so that it is found as fast as a whole word. */
const longestBeginning = 12;

/** The tokens of words, kept while many rows are written, which mostly have the same ones. */
export type KnownTokens = Map<string, readonly string[]>;

/** Words that are kept at most: 10 MB or less. */
const mostKnown = 10_000;

/**
 * What the index has for a row: its words and how they begin, each with its owner's number before it, so that a
 * search walks through nothing of anybody else. The tokenizer parts them at spaces, and at nothing else.
 */
export function tokensOf(
  owner: number,
  { heading, labels, body }: SearchText,
  known: KnownTokens = new Map(),
): string {
  const tokens = new Set<string>();
  for (const words of [heading, labels, body]) {
    for (const word of words) for (const token of tokensOfWord(owner, word, known)) tokens.add(token);
  }
  return [...tokens].join(' ');
}

function tokensOfWord(owner: number, word: string, known: KnownTokens): readonly string[] {
  const token = whole(owner, word);
  const found = known.get(token);
  if (found) return found;
  const tokens = [token];
  let beginning = '';
  for (const letter of Array.from(word).slice(0, longestBeginning)) {
    tokens.push(begins(owner, (beginning += letter)));
  }
  if (known.size >= mostKnown) known.clear();
  known.set(token, tokens);
  return tokens;
}

/** The words of a part of a row, between spaces, so that each can be looked for as it is. */
export function spaced(words: readonly string[]): string {
  return ` ${words.join(' ')} `;
}

/** The query (SQLite documentation, "Full-text Query Syntax") for rows of an owner that have all these words. */
export function matchExpression(owner: number, { whole: words, prefix }: SearchWords): string {
  const isShort = Array.from(prefix).length <= longestBeginning;
  const last = isShort ? `"${begins(owner, prefix)}"` : `"${whole(owner, prefix)}"*`;
  return [...words.map(word => `"${whole(owner, word)}"`), last].join(' ');
}

/** Conditions that a part of a row, as {@link spaced} writes it, has one of the words, and their values. */
export function hasAny(
  column: string,
  { whole: words, prefix }: SearchWords,
): [sql: string, values: string[]] {
  const values = [...words.map(word => ` ${word} `), ` ${prefix}`];
  return [values.map(() => `instr(${column}, ?) > 0`).join(' OR '), values];
}

function whole(owner: number, word: string): string {
  return `${String(owner)}.${word}`;
}

function begins(owner: number, beginning: string): string {
  return `${String(owner)}^${beginning}`;
}
