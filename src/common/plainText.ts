/** Longest text (UTF-16 units) of a message; the rest of a longer one is cut off. */
const longestMessage = 8_192;
/** Longest name, address or the like (UTF-16 units) within a message. */
const longestName = 200;

/**
 * Escape sequences (ECMA-48 section 5.4, 5.6, 8.3): strings such as OSC and DCS with their end, CSI with its parameters,
 * and the short ones. No part of a pattern may run over the beginning of another sequence: that keeps it linear.
 */
const escapeSequences =
  /(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u0080-\u009f]*(?:\u0007|\u001b\\|\u009c)|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b[ -/]*[0-~]/g;

/**
 * What a reader cannot see, or what moves what they see: controls (C0, DEL, C1), formats (bidirectional marks, zero
 * width, tags), line and paragraph separators, halves of surrogate pairs, and fillers that look like nothing; but
 * not what makes a sign an emoji.
 */
const unseen =
  /[^\P{Cc}\n\t]|(?![\ufe00-\ufe0f])[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Text from outside as a terminal, a log or a window may show it: without escape sequences, and with `�` for every
 * other character that is not to be seen. New lines and tabs stay.
 * @param limit longest result (UTF-16 units), without the sign that more was cut off
 */
export function plainText(text: string, limit: number = longestMessage): string {
  const kept = text.length > limit ? `${text.slice(0, limit).replace(/[\ud800-\udbff]$/, '')}…` : text;
  return kept.replaceAll('\r\n', '\n').replaceAll(escapeSequences, '').replaceAll(unseen, '\ufffd');
}

/**
 * A name, an address or the like within a message: {@link plainText} in one line.
 * @param limit longest result (UTF-16 units)
 * @example plainLine('Ada\nLovelace') // 'Ada Lovelace'
 */
export function plainLine(text: string, limit: number = longestName): string {
  return plainText(text, limit).replaceAll(/[\n\t]+/g, ' ');
}

/** JSON (RFC 8259) that says the same to a program, and nothing to a terminal that shows it. */
export function plainJson(data: unknown): string {
  return JSON.stringify(data).replaceAll(unseen, escaped);
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map(index => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}
