/**
 * A text as Postgres takes it: it has no character U+0000, so that and U+0001 are written as two. Texts keep their
 * order, and each is another one.
 */
export function toText(text: string): string {
  return text.replaceAll(/[\0\u0001]/g, found => (found === '\0' ? '\u0001\u0001' : '\u0001\u0002'));
}

/** What {@link toText} was given. */
export function fromText(text: string): string {
  return text.replaceAll(/\u0001([\u0001\u0002])/g, (_all, second) =>
    second === '\u0001' ? '\0' : '\u0001',
  );
}
