import * as l10n from '@vscode/l10n';
import { messageOf } from '../../../common/errors.ts';
import { noLog } from '../../../common/log.ts';
import {
  compileCacheDirectory,
  provePrivateDirectory,
  sessionsDirectory,
  userDirectory,
} from '../../../platform/paths.ts';
import { presentUsersOnlyText } from '../../../platform/windowsAccess.ts';
import { windowsAccess, type WindowsAccess } from '../../../platform/windowsAccessList.ts';
import type { Finding } from './finding.ts';

/**
 * A line where a directory we use is not, or was not, the user's alone; none where all are. Windows is asked for
 * their access lists.
 */
export async function access(): Promise<Finding[]> {
  const check = l10n.t('Directory');
  const wrong: string[] = [];
  const tightened: string[] = [];
  const log = { ...noLog, warn: (message: string) => tightened.push(message) };
  for (const directory of [userDirectory(), sessionsDirectory(), compileCacheDirectory()]) {
    try {
      if (!provePrivateDirectory(directory, log) || process.platform !== 'win32') continue;
      const advice = explain(directory, await windowsAccess(directory));
      if (advice !== undefined) wrong.push(advice);
    } catch (error) {
      wrong.push(messageOf(error));
    }
  }
  if (wrong.length > 0) return [{ check, ok: false, message: wrong.join(' ') }];
  return tightened.length > 0 ? [{ check, ok: true, warning: true, message: tightened.join(' ') }] : [];
}

/** What to do about what Windows says of a directory; undefined where it is well. */
export function explain(directory: string, found: WindowsAccess): string | undefined {
  switch (found) {
    case 'belongs to another':
      return l10n.t(
        '{0} belongs to another user of this machine, who may change what is in it. Look into it; if it should be yours, run as an administrator: takeown /F "{0}" /R. Else name another directory with OMNISPINDLE_DATA_DIR.',
        directory,
      );
    case 'open to others':
      return l10n.t(
        'Other users of this machine may get at what is in {0}. Make it only yours with: {1}',
        directory,
        presentUsersOnlyText(directory),
      );
    case 'user only':
      return undefined;
  }
}
