/** What stands in a setting in the place of a value: `${secret:NAME}` or `${env:NAME}`. */
export interface Reference {
  readonly kind: 'secret' | 'env';
  readonly name: string;
}

/** A header or variable of a server of the setting. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

const reference = /\$\{(secret|env):([^${}]{1,256})\}/g;

/** What of a setting may be a secret: the headers of a remote server, the variables of a local one. */
interface Secretive {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** The headers or variables of a server. */
export function fieldsOf({ headers, env }: Secretive = {}): Field[] {
  return Object.entries(headers ?? env ?? {}).map(([name, value]) => ({ name, value }));
}

/** What a value refers to. */
export function referencesIn(value: string): Reference[] {
  return Array.from(value.matchAll(reference), ([, kind, name = '']) => ({
    kind: kind as Reference['kind'],
    name: name.trim(),
  }));
}

/** The names of the secrets that a server refers to. */
export function secretNamesOf(server?: Secretive): string[] {
  const all = fieldsOf(server).flatMap(({ value }) => referencesIn(value));
  return [...new Set(all.filter(({ kind }) => kind === 'secret').map(({ name }) => name))];
}

/** How a setting refers to a secret. */
export function referenceTo(secret: string): string {
  return `\${secret:${secret}}`;
}

/** A value with what it refers to in place; what comes in is not looked at again. */
export function filledIn(value: string, valueOf: (wanted: Reference) => string): string {
  return value.replaceAll(reference, (_match, kind: Reference['kind'], name: string) =>
    valueOf({ kind, name: name.trim() }),
  );
}

const secretNames = [
  /(?:^|[-_])(?:authorization|cookie|(?:api)?key|(?:access)?token|secret|passw(?:or)?d|pwd|passphrase|credentials?)$/i,
  /(?:Key|Token|Secret|Password)$/,
];
/** An address, or the path of a file that holds the secret. */
const place = /^(?:[a-z][\w+.-]*:\/\/|[/~]|[a-z]:\\)/i;
/** Shortest value that is taken for a secret: `true`, `none` and the like are not secret. */
const shortest = 8;

/** Whether a value that stands in the setting looks like a secret, by what it is called. */
export function looksSecret({ name, value }: Field): boolean {
  return (
    secretNames.some(pattern => pattern.test(name)) &&
    value.length >= shortest &&
    !place.test(value) &&
    referencesIn(value).length === 0
  );
}

/** The name for a new secret, after its server and its header or variable. */
export function secretNameFor(server: string, field: string, taken: readonly string[]): string {
  const plain = `${server}.${field}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .slice(0, 100);
  for (let count = 1; ; count++) {
    const name = count === 1 ? plain : `${plain}-${String(count)}`;
    if (!taken.includes(name)) return name;
  }
}
