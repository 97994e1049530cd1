import * as l10n from '@vscode/l10n';
import { ourServers, withOurServer } from '../../clients/clientConfiguration.ts';
import { clients, configurationPath } from '../../clients/clients.ts';
import { readConfiguration } from '../../clients/configurationFile.ts';
import { hasOurExtension } from '../../clients/ourExtension.ts';
import { replaceConfiguration, type Replaced } from '../../clients/replaceConfiguration.ts';
import { serverName } from '../../clients/serverEntry.ts';
import { good } from '../output.ts';
import { entryOf, entryToBe, usesNpx, type EntryOptions, type NamedClient } from './entry.ts';
import type { Installed } from './install.ts';
import type { TenantToWrite } from './tenant.ts';

/** What became of one client's configuration. */
export interface Added extends Replaced {
  readonly client: NamedClient;
  readonly path: string;
  /** Our extension is installed in that editor, which therefore needs no entry. */
  readonly extension?: boolean;
  readonly installed?: Installed | undefined;
  /** The tenant that its entry names now. */
  readonly tenant?: TenantToWrite | undefined;
  /** The tenant that its entry does not name, because it has an environment of its own already. */
  readonly keptFrom?: TenantToWrite | undefined;
}

/**
 * The configuration as it would be. Where it cannot be changed, nothing is to be installed for it.
 * @throws OmnispindleError
 */
export async function preview(
  client: NamedClient,
  options: EntryOptions,
): Promise<{ path: string; content: string }> {
  const path = configurationPath(client);
  const text = (await readConfiguration(path)) ?? '';
  return { path, content: withOurServer(client, text, path, entryToBe(client, options)) };
}

/**
 * Has a client start us, unless our extension does so in that editor.
 * @param provide installs what the client is to start
 * @throws OmnispindleError
 */
export async function addTo(
  client: NamedClient,
  options: EntryOptions,
  provide: () => Promise<Installed>,
): Promise<Added> {
  const { path } = await preview(client, options);
  if (hasOurExtension(client)) return { client, path, changed: false, extension: true };
  const installed = usesNpx(client, options) ? undefined : await provide();
  const entry = entryOf(installed, options);
  let own: readonly string[] = [];
  const replaced = await replaceConfiguration(path, text => {
    const ours = text.includes(serverName) ? ourServers(client, text, path) : [];
    own = ours.find(({ name, startsUs }) => name === serverName && startsUs)?.variables ?? [];
    return withOurServer(client, text, path, entry);
  });
  const { tenant } = options;
  const isKept = own.length > 0 && Object.keys(tenant?.variables ?? {}).some(name => !own.includes(name));
  const named = own.length === 0 && replaced.changed ? tenant : undefined;
  return { client, path, ...replaced, installed, tenant: named, keptFrom: isKept ? tenant : undefined };
}

/** What scripts are told of it. */
export function dataOf({
  path,
  changed,
  backup,
  extension,
  installed,
  tenant,
}: Added): Record<string, unknown> {
  return {
    path,
    changed,
    ...(backup && { backup }),
    ...(extension && { extension }),
    ...(installed && { version: installed.version }),
    ...(tenant && { variables: Object.keys(tenant.variables) }),
  };
}

/** What people are told of it. */
export function sayAdded({ client, path, changed, backup, extension, tenant, keptFrom }: Added): string[] {
  if (extension) {
    return [
      l10n.t(
        '{0} has the Omnispindle extension, which gives it the server; beside another entry one of the two would be switched off, or both be listed. So nothing was written ({1}). If there is an entry, remove it with: omnispindle init --client {2} --remove',
        client.name,
        path,
        client.id,
      ),
    ];
  }
  return [
    changed
      ? good(l10n.t('{0} now starts Omnispindle ({1}).', client.name, path))
      : l10n.t('{0} already has Omnispindle ({1}); nothing was changed.', client.name, path),
    ...sayBackup({ backup }),
    ...(tenant
      ? [l10n.t('You sign in there at {0}, by {1}.', tenant.host, Object.keys(tenant.variables).join(', '))]
      : []),
    ...(changed ? sayEditor(client) : []),
    ...(keptFrom
      ? [
          l10n.t(
            'Its entry keeps the environment that it has; your tenant {0} was not written into it ({1}).',
            keptFrom.host,
            Object.keys(keptFrom.variables).join(', '),
          ),
        ]
      : []),
  ];
}

/** That an editor with our extension may start us twice. */
function sayEditor({ editor = '' }: NamedClient): string[] {
  const other = clients[editor];
  if (!other || !hasOurExtension(other)) return [];
  return [
    l10n.t(
      'The agents of {0} read this file, too, and {0} has the Omnispindle extension: where Omnispindle is listed twice there, switch one of the two off.',
      other.name,
    ),
  ];
}

/** Where a configuration is kept as it was. */
export function sayBackup({ backup }: { readonly backup?: string | undefined }): string[] {
  return backup ? [l10n.t('The file as it was is kept as {0}.', backup)] : [];
}

/** What to do next, so that the clients show the tools. */
export function sayNext(clients: readonly NamedClient[]): string {
  const names = [...new Set(clients.flatMap(({ name, sharedBy }) => sharedBy ?? [name]))];
  return l10n.t('Restart {0}; then ask it: who am I?', names.join(', '));
}
