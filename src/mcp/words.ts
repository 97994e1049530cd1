import { redact } from '../common/redact.ts';
import { isObject } from '../common/isObject.ts';

/** Longest words (characters) of a server that stand in an error of ours. */
const longestWords = 500;
/** Where a server or a gateway says in JSON what is wrong, the plainest first. */
const names = ['message', 'error_description', 'detail', 'title', 'reason', 'description', 'msg'] as const;
/** How many steps down in its JSON a server's words may stand. */
const deepest = 3;

/** What a server or a gateway says in an error of its own shape, for a person; undefined where it says nothing. */
export function wordsIn(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') return clean(value);
  if (depth >= deepest) return undefined;
  // A list of errors, as frameworks have: the first will do.
  if (Array.isArray(value)) return wordsIn(value[0], depth + 1);
  if (!isObject(value)) return undefined;
  // RFC 9457: the title is what it always says, the detail what it is this time.
  const { title, detail } = value;
  if (typeof title === 'string' && typeof detail === 'string' && title !== detail) {
    return clean(`${title}: ${detail}`);
  }
  for (const name of names) {
    const { [name]: said } = value;
    const words = typeof said === 'string' ? clean(said) : undefined;
    if (words !== undefined) return words;
  }
  for (const name of ['error', 'errors', 'detail', 'details', 'message', 'fault'] as const) {
    const words = wordsIn(value[name], depth + 1);
    if (words !== undefined) return words;
  }
  return undefined;
}

/** The messages of an event stream's first events, or the one JSON value that the body is; none where it is neither. */
export function jsonIn(body: string): unknown[] {
  const text = body.startsWith('\ufeff') ? body.slice(1) : body;
  const values = /^(?:event|data|id|retry)?:/.test(text) ? text.split(/\r?\n\r?\n/).map(dataOf) : [text];
  return values.flatMap(value => {
    try {
      const parsed: unknown = JSON.parse(value);
      return Array.isArray(parsed) ? (parsed as unknown[]) : [parsed];
    } catch {
      return [];
    }
  });
}

/** The code of an error by JSON-RPC. */
export function codeOf(value: unknown): unknown {
  return isObject(value) && isObject(value['error']) ? value['error']['code'] : undefined;
}

function dataOf(event: string): string {
  return event
    .split(/\r?\n/)
    .flatMap(line => (line.startsWith('data:') ? [line.slice(5)] : []))
    .join('\n');
}

/** What the body of a refusal says to a person, as JSON, a page or plain text. */
export function wordsOfBody(body: string): string | undefined {
  const values = jsonIn(body);
  if (values.length > 0) return values.map(value => wordsIn(value)).find(Boolean);
  if (/^\s*[[{]/.test(body)) return undefined;
  return /<\s*(?:!doctype|html|head|body|title|h1|center|p|pre|div)\b/i.test(body)
    ? wordsOfPage(body)
    : clean(body);
}

/** The title of a page and its heading, else its text. */
function wordsOfPage(page: string): string | undefined {
  const shown = page
    .replaceAll(/<!--[^]*?(?:-->|$)/g, ' ')
    .replaceAll(/<(script|style|noscript|svg)\b[^]*?(?:<\/\1|$)/gi, ' ');
  const [title, heading] = [/<title\b[^<>]*>([^]*?)<\/title/i, /<h1\b[^<>]*>([^]*?)<\/h1/i].map(pattern =>
    textOf(pattern.exec(shown)?.[1] ?? ''),
  );
  const words = title?.includes(heading ?? '') ? [title] : [title, heading];
  const said = words.filter(Boolean).join(': ');
  const text = textOf(/<body\b[^<>]*>([^]*)/i.exec(shown)?.[1] ?? shown);
  // A short page is worth reading as a whole: what follows its heading says why.
  return clean(text.length <= longestWords && text.length > said.length ? text : said || text);
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

function textOf(html: string): string {
  return html
    .replaceAll(/<[^<>]*>/g, ' ')
    .replaceAll(/&(?:#(\d{1,6})|(\w{2,4}));/g, (whole, code: string | undefined, name: string | undefined) =>
      code === undefined ? (entities[name ?? ''] ?? whole) : String.fromCodePoint(Number(code)),
    )
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** In one line, cut, without what nobody sees; a server may also say the token that it was sent. */
function clean(words: string): string | undefined {
  // Anything but text says nothing.
  if (words.slice(0, longestWords).includes('\ufffd') || words.includes('\0')) return undefined;
  const line = redact(words.slice(0, 2 * longestWords))
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  if (line === '') return undefined;
  return line.length > longestWords
    ? `${line.slice(0, longestWords).replace(/[\ud800-\udbff]$/, '')}…`
    : line;
}
