import * as l10n from '@vscode/l10n';
import { messageOf } from '../../common/errors.ts';
import { createFileStore } from '../../sessions/fileStore.ts';
import { deleteKey, openKeychain } from '../../sessions/keychain.ts';
import { sessionsDirectory, userDirectory } from '../../platform/paths.ts';
import { createSignOut, storedEntries } from '../../sessions/signOut.ts';
import { confirm } from '../confirm.ts';
import { exitCodes } from '../exitCodes.ts';
import { stderrLog } from '../log.ts';
import { sayOnStderr } from '../sayOnStderr.ts';
import { describeSignedOut, signOutAll, toJson } from './logout.ts';
import { print } from './output.ts';
import { clientTraces, removeClientTraces } from './reset/clients.ts';
import { inventory } from './reset/inventory.ts';
import { hasUserFiles, removeUserFiles } from './reset/userFiles.ts';

/**
 * `omnispindle reset`: signs every account out, and removes everything that Omnispindle has ever written for
 * this user outside an editor. It says what that is, and asks, first.
 * @throws OmnispindleError `storage_failed` where the user's directory is not proven their own
 */
export async function reset({ json }: { readonly json?: boolean } = {}): Promise<void> {
  const log = stderrLog();
  const directory = userDirectory();
  const { seal, unsealed, hasKey, state } = await openKeychain(directory, log, { make: false });
  const store = createFileStore(sessionsDirectory(), log, seal, unsealed);
  const entries = await storedEntries(store);
  const traces = await clientTraces();
  const isUsed = hasKey || traces.clients.length + traces.backups.length > 0;
  if (!isUsed && !(await hasUserFiles(directory, log))) {
    await removeUserFiles(directory, log);
    print(json, { reset: false }, l10n.t('There is nothing of Omnispindle in {0}.', directory));
    return;
  }
  const lines = await inventory({ directory, entries, hasKey, ...traces }, log);
  for (const line of lines) sayOnStderr(line);
  if (!(await confirm(l10n.t('Remove all of this? It cannot be brought back.')))) {
    print(json, { reset: false }, l10n.t('Nothing was removed.'));
    process.exitCode = exitCodes.failed;
    return;
  }

  const failures: string[] = [];
  const failed = (error: unknown) => {
    failures.push(messageOf(error));
  };
  const signOutEntry = createSignOut({ store, directory, log });
  const ended = await signOutAll({ signOutEntry }, entries, { failed });
  failures.push(...(await removeClientTraces()));
  if (hasKey) await deleteKey().catch(failed);
  if (state === 'locked' || state === 'silent') {
    failed(
      new Error(
        l10n.t(
          '{0} If there is a key of Omnispindle in it, it stays. Unlock the keychain, then run this again.',
          unsealed?.why ?? '',
        ),
      ),
    );
  }
  const files = await removeUserFiles(directory, log);
  for (const { path, code } of files.failures) {
    failures.push(
      l10n.t('{0} could not be removed ({1}). Close what uses it, then run this again.', path, code),
    );
  }
  for (const failure of failures) log.error(failure);
  const left = files.left.filter(path => !files.failures.some(failure => failure.path.startsWith(path)));
  print(
    json,
    { reset: failures.length === 0, accounts: ended.map(toJson), left, errors: failures },
    [
      ...(ended.length > 0 ? [describeSignedOut(ended)] : []),
      failures.length === 0
        ? l10n.t('Everything of Omnispindle is removed.')
        : l10n.t('Not everything of Omnispindle could be removed.'),
      ...(left.length > 0 ? [l10n.t('Not ours, and still there: {0}.', left.join(', '))] : []),
      l10n.t('What an editor keeps goes when you sign out there and uninstall the extension.'),
    ].join('\n'),
  );
  if (failures.length > 0) process.exitCode = exitCodes.failed;
}
