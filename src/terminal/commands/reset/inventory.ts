import { existsSync } from 'node:fs';
import * as l10n from '@vscode/l10n';
import type { Log } from '../../../common/log.ts';
import type { StoredEntry } from '../../../sessions/signOut.ts';
import { countRows, storePath } from '../../../store/directoryStore.ts';
import { trustedFiles } from '../../trustedFiles.ts';
import { installDirectory } from '../init/places.ts';
import type { ClientTraces } from './clients.ts';

/** What was found that a reset removes. */
export interface Found extends ClientTraces {
  /** The user's own. */
  readonly directory: string;
  readonly entries: readonly StoredEntry[];
  /** Whether our key is in the keychain. */
  readonly hasKey: boolean;
}

/** Says what a reset removes, a line each. */
export async function inventory(found: Found, log: Log): Promise<string[]> {
  const { directory, entries, hasKey, clients, backups } = found;
  const labels = entries.map(({ session }) => session?.account.label).filter(label => label !== undefined);
  const unreadable = entries.length - labels.length;
  // A list that cannot be read goes anyway.
  const trusted = await trustedFiles(directory, log).catch(() => []);
  const lines = [
    labels.length > 0 && l10n.t('the sign-ins of {0}, which end at the tenant too', labels.join(', ')),
    unreadable > 0 && l10n.t('{0} stored sign-ins that cannot be read', String(unreadable)),
    database(directory),
    trusted.length > 0 && l10n.t('the trust in {0} files of settings', String(trusted.length)),
    clients.length > 0 && l10n.t('the entry in the configuration of {0}', clients.join(', ')),
    backups.length > 0 && l10n.t('{0} backups of such configurations', String(backups.length)),
    existsSync(installDirectory()) && l10n.t('what was installed for clients ({0})', installDirectory()),
    hasKey && l10n.t('the key in the keychain'),
    l10n.t('and whatever else Omnispindle has written in {0}', directory),
  ];
  return [l10n.t('This removes:'), ...lines.filter(line => line !== false).map(line => `- ${line}`)];
}

function database(directory: string): string | false {
  const path = storePath(directory);
  if (!existsSync(path)) return false;
  const rows = countRows(directory);
  return rows
    ? l10n.t('{0} todos and {1} lessons, of everybody ({2})', String(rows.todos), String(rows.lessons), path)
    : l10n.t('all todos and lessons, of everybody ({0})', path);
}
