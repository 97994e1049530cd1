/** Who can read a stored file, as its name says: everybody with the right to, or who has that key. */
export interface SessionFile {
  readonly name: string;
  /** The account's key (`sessionKey`), with which every file of that account begins. */
  readonly key: string;
  /** `other` is whatever this version does not write: a later version's, set aside, left by a killed writer. */
  readonly kind: 'plain' | 'sealed' | 'other';
  /** Of the key it is sealed with; absent in names of earlier versions. */
  readonly fingerprint?: string;
}

/** How many unreadable files of one account a new one is put beside; names end with this digit at most. */
const mostFiles = 9;

const plainName = /^([^.]+)(?:\.\d)?\.json$/;
const sealedName = /^([^.]+)(?:\.([0-9a-f]{16}))?(?:\.\d)?\.sealed$/;
const ofAnAccount = /^([0-9a-f]{32})\./;

/** What a name in a directory of sessions says; undefined where it belongs to no account. */
export function parseFileName(name: string): SessionFile | undefined {
  const plain = plainName.exec(name);
  if (plain?.[1]) return { name, key: plain[1], kind: 'plain' };
  const sealed = sealedName.exec(name);
  if (sealed?.[1]) {
    return { name, key: sealed[1], kind: 'sealed', ...(sealed[2] && { fingerprint: sealed[2] }) };
  }
  const other = ofAnAccount.exec(name);
  return other?.[1] ? { name, key: other[1], kind: 'other' } : undefined;
}

/**
 * The first name for an account's file that nothing has yet. Sealed ones carry the fingerprint of their key.
 * @returns undefined where there are too many
 */
export function freeFileName(
  key: string,
  fingerprint: string | undefined,
  taken: readonly string[],
): string | undefined {
  const stem = fingerprint === undefined ? key : `${key}.${fingerprint}`;
  const suffix = fingerprint === undefined ? '.json' : '.sealed';
  for (let count = 1; count <= mostFiles; count++) {
    const name = stem + (count === 1 ? '' : `.${String(count)}`) + suffix;
    if (!taken.includes(name)) return name;
  }
  return undefined;
}
