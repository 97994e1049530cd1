import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { plainLine } from '../common/plainText.ts';
import { configuredServers, type Servers } from './configuredServers.ts';
import { keepSecrets } from './keepSecrets.ts';
import { notice } from './notice.ts';
import { fieldsOf, looksSecret, referenceTo, secretNameFor } from './secretReferences.ts';
import type { SecretStore } from './secretStore.ts';
import { serverEntries, writeServerEntries } from './serverSetting.ts';

const key = 'plainSecrets';
/** How many servers are remembered that the person was told of. */
const mostServers = 256;

/**
 * Tells the person, once for each server, that its setting holds what looks like a secret, and offers to move that to
 * the editor's secret storage.
 */
export function createPlainSecrets(state: vscode.Memento, secrets: SecretStore) {
  const told = () => z.array(z.string()).safeParse(state.get(key)).data ?? [];

  async function tell(name: string, fields: readonly string[]): Promise<void> {
    await state.update(key, [name, ...told()].slice(0, mostServers));
    const move = vscode.l10n.t('Move to Secret Storage');
    const answer = await vscode.window.showWarningMessage(
      notice(
        vscode.l10n.t(
          'The setting omnispindle.servers holds what looks like a secret: {0} of {1}. It can be read by whoever reads your settings. Moved to the editor’s secret storage, the setting only refers to it.',
          plainLine(fields.join(', ')),
          plainLine(name),
        ),
      ),
      move,
    );
    if (answer === move) await moveSecrets(name, secrets);
  }

  return async function tellOfPlainSecrets(servers: Servers): Promise<void> {
    for (const [name, server] of servers) {
      const found = fieldsOf(server).filter(looksSecret);
      if (found.length > 0 && !told().includes(name)) {
        await tell(
          name,
          found.map(field => field.name),
        );
      }
    }
  };
}

/** Moves what looks like a secret of that server's setting, as it is now, to the secret storage. */
async function moveSecrets(name: string, secrets: SecretStore): Promise<void> {
  const server = configuredServers().servers.get(name);
  if (!server) return;
  const taken = await secrets.names();
  const values = new Map<string, string>();
  const moved: Record<string, string> = {};
  for (const field of fieldsOf(server).filter(looksSecret)) {
    const secret = secretNameFor(name, field.name, [...taken, ...values.keys()]);
    values.set(secret, field.value);
    moved[field.name] = referenceTo(secret);
  }
  await keepSecrets(secrets, values, async () => {
    const all = serverEntries() as Record<string, object>;
    const next =
      'url' in server
        ? { ...all[name], headers: { ...server.headers, ...moved } }
        : { ...all[name], env: { ...server.env, ...moved } };
    await writeServerEntries({ ...all, [name]: next });
  });
}
