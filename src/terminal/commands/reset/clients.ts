import { rm } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { codeOf } from '../../../common/errors.ts';
import { knownClients, listBackups, entryOfUs } from '../init/known.ts';
import { removeEverywhere } from '../init/remove.ts';

/** What `init` has left with the clients. */
export interface ClientTraces {
  /** The names of clients that start us. */
  readonly clients: readonly string[];
  /** The paths of the backups of their configurations. */
  readonly backups: readonly string[];
}

/** Looks which clients start us, and for the backups that were made when that was written. */
export async function clientTraces(): Promise<ClientTraces> {
  const { known } = await knownClients();
  return {
    clients: known.filter(client => entryOfUs(client)).map(({ client }) => client.name),
    backups: await listBackups(),
  };
}

/**
 * Takes us out of the configurations of clients, and removes the backups, also those that this made.
 * @returns why something of it is still there, for people
 */
export async function removeClientTraces(): Promise<string[]> {
  const { failures } = await removeEverywhere();
  const messages = failures.map(({ message }) => message);
  for (const path of await listBackups()) {
    await rm(path, { force: true }).catch((error: unknown) => {
      messages.push(l10n.t('{0} could not be removed ({1}).', path, codeOf(error)));
    });
  }
  return messages;
}
