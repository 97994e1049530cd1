import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { inPlace } from '../common/place.ts';

/** Why sessions are not sealed here. */
export interface Unsealed {
  readonly why: string;
  /** Whether they were sealed here before. */
  readonly wasSealed: boolean;
}

const said = new Set<string>();

/** Warns once a process, however many stores meet the reason; what it is about tells one warning from another. */
function warnOnce(log: Log, about: string, message: string): void {
  if (said.has(about)) return;
  said.add(about);
  log.warn(message);
}

/** Says, once a process, that the file of a session is left as it is. */
export function warnOfUnreadable(log: Log, path: string): void {
  const message = l10n.t(
    'The stored sign-in {0} could not be read: it is damaged, of another version, or sealed with another key. It is left as it is. Sign in again; a sign-out of that account removes it.',
    path,
  );
  warnOnce(log, path, message);
}

/** Says, once a process, that the sealed sessions cannot be used without the keychain. */
export function warnOfSealed(log: Log, directory: string, unsealed?: Unsealed): void {
  const message = l10n.t(
    'The sign-ins in {0} are sealed with a key from the keychain, which cannot be used here. {1} Unlock the keychain, or start this program from your desktop session. Until then a sign-in of its own is kept beside them.',
    directory,
    unsealed?.why ?? '',
  );
  warnOnce(log, directory, message);
}

/** Says that a session is kept in plain text although others were sealed. */
export function warnOfPlain(log: Log, label: string, path: string, unsealed?: Unsealed): void {
  log.warn(
    l10n.t(
      'The sign-in of {0} is kept in {1}, which only you can read but which is not encrypted, because the keychain cannot be used here. {2} When it can be used again, sign out and in to have it encrypted.',
      label,
      path,
      unsealed?.why ?? '',
    ),
  );
}

/** There is no name left for a session's file. */
export function tooManyUnreadable(directory: string): OmnispindleError {
  return new OmnispindleError(
    'storage_failed',
    l10n.t(
      '{0} has too many stored sign-ins of this account that cannot be read. Sign out to remove them ({1}); then try again.',
      directory,
      inPlace({ editor: l10n.t('"Omnispindle: Sign Out"'), terminal: 'omnispindle logout --all' }),
    ),
  );
}
