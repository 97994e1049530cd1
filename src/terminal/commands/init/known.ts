import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ourServers, type OurServer } from '../../clients/clientConfiguration.ts';
import { serverName } from '../../clients/serverEntry.ts';
import type { ClientConfiguration } from '../../clients/client.ts';
import { configurationPath, ownClients } from '../../clients/clients.ts';
import { readConfiguration } from '../../clients/configurationFile.ts';
import { installDirectory, launcher } from './places.ts';

/** How a client starts us: a copy that `init` has installed, `npx`, or some other way of the person's own. */
export type Way = 'copy' | 'npx' | 'other';

/** A client that `init` knows, and what its configuration has of ours. */
export interface KnownClient {
  readonly id: string;
  readonly client: ClientConfiguration;
  readonly path: string;
  readonly servers: readonly OurServer[];
}

/** What is known of a client whose configuration cannot be read, or is not to be touched. */
export interface UnknownClient {
  readonly id: string;
  readonly client: ClientConfiguration;
  readonly error: Error;
}

/** The clients whose configuration has something of ours, and those where that cannot be said. */
export async function knownClients(): Promise<{ known: KnownClient[]; unknown: UnknownClient[] }> {
  const known: KnownClient[] = [];
  const unknown: UnknownClient[] = [];
  for (const [id, client] of Object.entries(ownClients)) {
    try {
      const path = configurationPath(client);
      const text = (await readConfiguration(path)) ?? '';
      // Most have nothing of ours, and are not even parsed.
      const servers = text.includes(serverName) ? ourServers(client, text, path) : [];
      if (servers.length > 0) known.push({ id, client, path, servers });
    } catch (error) {
      unknown.push({ id, client, error: error as Error });
    }
  }
  return { known, unknown };
}

/** How an entry starts us. */
export function wayOf({ words }: OurServer): Way {
  if (words.includes(launcher())) return 'copy';
  return words.some(word => /(?:^|[\\/])npx(?:\.cmd)?$/.test(word)) ? 'npx' : 'other';
}

/** The entry of our name, where it starts us. */
export function entryOfUs({ servers }: KnownClient): OurServer | undefined {
  return servers.find(({ name, startsUs }) => name === serverName && startsUs);
}

/** Whether any client's configuration names something in that directory, in any entry; or may, as it cannot be read. */
export async function isNamedByClient(directory = installDirectory()): Promise<boolean> {
  // As it stands in JSON and in TOML.
  const spellings = [directory, JSON.stringify(directory).slice(1, -1)];
  for (const client of Object.values(ownClients)) {
    try {
      const text = (await readConfiguration(configurationPath(client))) ?? '';
      if (spellings.some(spelling => text.includes(spelling))) return true;
    } catch {
      return true;
    }
  }
  return false;
}

/**
 * The backups that `init` has made beside the configurations of clients, for whoever removes all we ever wrote.
 * @returns their paths
 */
export async function listBackups(): Promise<string[]> {
  const found: string[] = [];
  for (const client of Object.values(ownClients)) {
    try {
      const path = configurationPath(client);
      const names = await readdir(dirname(path));
      const isBackup = (name: string) =>
        name.startsWith(`${basename(path)}.backup-`) && /\.backup-\d{17}$/.test(name);
      found.push(...names.filter(isBackup).map(name => join(dirname(path), name)));
    } catch {
      // There is no such client here.
    }
  }
  return found;
}
