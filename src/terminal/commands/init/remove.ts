import { rm } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { codeOf, OmnispindleError } from '../../../common/errors.ts';
import { retryOnWindows } from '../../../platform/retryOnWindows.ts';
import { ourServers, withoutOurServer } from '../../clients/clientConfiguration.ts';
import { serverName } from '../../clients/serverEntry.ts';
import type { ClientConfiguration } from '../../clients/client.ts';
import { configurationPath, ownClients } from '../../clients/clients.ts';
import { replaceConfiguration } from '../../clients/replaceConfiguration.ts';
import { isNamedByClient } from './known.ts';
import { installDirectory } from './places.ts';

/** A client's configuration out of which our entry was taken, or in which there was none. */
export interface Removed {
  readonly client: string;
  readonly path: string;
  readonly changed: boolean;
  readonly backup?: string;
}

/**
 * Takes our entry out of a client's configuration; an entry of our name that starts something else stays.
 * @throws OmnispindleError where the configuration cannot be read, or not safely changed
 */
export async function removeFrom(id: string, client: ClientConfiguration): Promise<Removed> {
  const path = configurationPath(client);
  const replaced = await replaceConfiguration(path, text => {
    if (!text.includes(serverName)) return text;
    const ours = ourServers(client, text, path).find(({ name }) => name === serverName);
    return ours?.startsUs ? withoutOurServer(client, text, path) : text;
  });
  return { client: id, path, ...replaced };
}

/** What {@link removeEverywhere} has done. */
export interface RemovedEverywhere {
  readonly removed: readonly Removed[];
  /** Why a configuration stayed as it is. */
  readonly failures: readonly Error[];
  /** The directory with the copies that clients start; undefined where it stayed, because a client still names it. */
  readonly directory?: string;
}

/** Takes us out of every configuration of the person's that we know, and removes the copies that clients start. */
export async function removeEverywhere(): Promise<RemovedEverywhere> {
  const removed: Removed[] = [];
  const failures: Error[] = [];
  for (const [id, client] of Object.entries(ownClients)) {
    try {
      removed.push(await removeFrom(id, client));
    } catch (error) {
      failures.push(error as Error);
    }
  }
  if (await isNamedByClient()) return { removed, failures };
  const directory = installDirectory();
  try {
    await retryOnWindows(() => rm(directory, { recursive: true, force: true }));
  } catch (error) {
    const text = l10n.t(
      '{0} could not be removed ({1}). End the clients that use it, then run this again.',
      directory,
      codeOf(error),
    );
    failures.push(new OmnispindleError('storage_failed', text, { cause: error }));
  }
  return { removed, failures, directory };
}
