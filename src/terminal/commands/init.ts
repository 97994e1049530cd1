import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import writeFileAtomic from 'write-file-atomic';
import { storageFailed } from '../../auth/paths.ts';
import { withOurServer } from './clientConfiguration.ts';
import { clients } from './clients.ts';
import { good, print } from './output.ts';

/** `omnispindle init`: adds our server to a client's configuration, keeping a copy of it. @throws AuthError */
export async function init(options: { client: string; print?: boolean; json?: boolean }): Promise<void> {
  const client = clients[options.client];
  if (!client) throw new Error(`Unknown client ${options.client}`);
  const path = client.path();
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw storageFailed(path, error);
  });
  const changed = withOurServer(client, text ?? '', path);
  if (options.print) {
    print(options.json, { path, content: changed }, changed);
    return;
  }
  if (changed === text) {
    print(options.json, { path, changed: false }, l10n.t('{0} already has Omnispindle.', client.name));
    return;
  }
  const backup =
    text === undefined ? undefined : `${path}.backup-${new Date().toISOString().replaceAll(/\D/g, '')}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    if (backup) await copyFile(path, backup);
    await writeFileAtomic(path, changed);
  } catch (error) {
    throw storageFailed(path, error);
  }
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
