/** A value within JSON text, from `start` up to `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A member of an object, or an element of an array. */
export interface Member extends Span {
  /** Its name, where the text is an object. */
  readonly name?: string;
}

const blank = /[\t\n\r ]*/y;
const scalar = /[^\t\n\r ,\]}]*/y;
const [quote, openList, closeList, openObject, closeObject] = Array.from('"[]{}', sign => sign.charCodeAt(0));

/**
 * Where the members of a JSON object or the elements of a list stand in its text. Parsed and written again, numbers
 * above 2^53 would be other ones, and names like "2" and "1" would change places.
 * @param text well-formed JSON (RFC 8259): `JSON.parse` has taken it
 */
export function membersOf(text: string, start = 0): Member[] {
  const members: Member[] = [];
  let at = match(blank, text, start) + 1;
  const isObject = text[at - 1] === '{';
  for (;;) {
    at = match(blank, text, at);
    if (at >= text.length || text[at] === '}' || text[at] === ']') return members;
    let name: string | undefined;
    if (isObject) {
      const end = endOfString(text, at);
      name = String(JSON.parse(text.slice(at, end)));
      at = match(blank, text, match(blank, text, end) + 1);
    }
    const end = endOf(text, at);
    members.push({ start: at, end, ...(name !== undefined && { name }) });
    at = match(blank, text, end);
    if (text[at] === ',') at++;
  }
}

/** Where that member of a JSON object stands; the last one of that name counts, as `JSON.parse` has it. */
export function memberOf(text: string, name: string, start = 0): Member | undefined {
  return membersOf(text, start).findLast(member => member.name === name);
}

/** The text with that in the place of another part. */
export function spliced(text: string, { start, end }: Span, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}

function endOf(text: string, start: number): number {
  if (text[start] === '"') return endOfString(text, start);
  if (text[start] !== '{' && text[start] !== '[') return match(scalar, text, start);
  // Not by recursion: nesting may have no end.
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign === quote) at = endOfString(text, at) - 1;
    else if (sign === openObject || sign === openList) depth++;
    else if ((sign === closeObject || sign === closeList) && --depth === 0) return at + 1;
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    let before = at;
    while (text[before - 1] === '\\') before--;
    if ((at - before) % 2 === 0) return at + 1;
  }
}

/** Where what that pattern takes from there ends. */
function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
