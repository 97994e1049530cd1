import { stripVTControlCharacters } from 'node:util';
import { eastAsianWidth } from 'get-east-asian-width';

/** What takes no column: an accent on the character before it, or a sign that is not shown. */
const unseen = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** How many columns of a terminal a text takes; Chinese and Japanese characters take two each (Unicode, UAX #11). */
export function columnsOf(text: string): number {
  const seen = stripVTControlCharacters(text);
  if (/^[ -~]*$/.test(seen)) return seen.length;
  let columns = 0;
  for (const char of seen) if (!unseen.test(char)) columns += eastAsianWidth(char.codePointAt(0) ?? 0);
  return columns;
}
