/** Longest description (characters) in a header. */
const longest = 300;

/**
 * A text within the characters that `error_description` may have (RFC 6750 section 3).
 * @param english instead of one in a language of which nothing would be left to read
 * @example headerText('“Entrée”', 'Entry') // "'Entree'"
 */
export function headerText(text: string, english: string): string {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/["\u201c\u201d\\]/g, "'")
    .replaceAll('\u2019', "'")
    .replaceAll('\u2026', '...');
  const kept = plain.replaceAll(/[^\u0020-\u007e]/g, '');
  const isReadable = kept.length > 0.8 * plain.length;
  return (isReadable ? kept : english).slice(0, longest);
}
