import { constants } from 'node:fs';
import { access, copyFile, mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import writeFileAtomic from 'write-file-atomic';
import { AuthError } from '../../auth/errors.ts';
import { retryOnWindows } from '../../auth/retryOnWindows.ts';
import { withOurServer } from './clientConfiguration.ts';
import { codeOf, readConfiguration } from './configurationFile.ts';
import { clients, thisSystem } from './clients.ts';
import { good, print } from './output.ts';

/** `omnispindle init`: adds our server to a client's configuration, keeping a copy of it. @throws AuthError */
export async function init(options: { client: string; print?: boolean; json?: boolean }): Promise<void> {
  const client = clients[options.client];
  if (!client) throw new Error(`Unknown client ${options.client}`);
  const path = client.path(thisSystem());
  const text = await readConfiguration(path);
  const changed = withOurServer(client, text ?? '', path);
  if (options.print) {
    print(options.json, { path, content: changed }, changed.trimEnd());
    return;
  }
  if (changed === text) {
    print(
      options.json,
      { path, changed: false },
      l10n.t('{0} already has Omnispindle ({1}); nothing was changed.', client.name, path),
    );
    return;
  }
  const backup =
    text === undefined ? undefined : `${path}.backup-${new Date().toISOString().replaceAll(/\D/g, '')}`;
  await write(path, changed, backup);
  const kept = backup ? ` ${l10n.t('The file as it was is kept as {0}.', backup)}` : '';
  print(
    options.json,
    { path, changed: true, backup },
    good(l10n.t('{0} now starts Omnispindle ({1}).', client.name, path)) +
      kept +
      ' ' +
      l10n.t('Restart it to see the tools.'),
  );
}

/** Replaces the file a symbolic link leads to, not the link; a file that may not be written stays as it is. */
async function write(path: string, text: string, backup: string | undefined): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    if (backup) {
      await access(path, constants.W_OK);
      await copyFile(path, backup);
    }
    await retryOnWindows(() => writeFileAtomic(path, text));
  } catch (error) {
    if (backup) await rm(backup, { force: true }).catch(() => undefined);
    throw new AuthError(
      'storage_failed',
      l10n.t(
        '{0} could not be written ({1}); nothing was changed. Correct its permissions, or put in it by hand what --print shows.',
        path,
        codeOf(error),
      ),
      { cause: error },
    );
  }
}
