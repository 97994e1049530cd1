import * as l10n from '@vscode/l10n';
import { parseServerUrl } from '../../bridge/remote/serverUrl.ts';
import { OmnispindleError } from '../../common/errors.ts';
import { stderrLog } from '../log.ts';
import { withOurServer } from '../clients/clientConfiguration.ts';
import { clients } from '../clients/clients.ts';
import { replaceConfiguration } from '../clients/replaceConfiguration.ts';
import { addressIn } from '../clients/serverEntry.ts';
import { addTo, dataOf, preview, sayAdded, sayBackup } from './init/add.ts';
import { canAsk } from './init/ask.ts';
import { entryOf, provide, type NamedClient } from './init/entry.ts';
import { knownClients, entryOfUs, wayOf } from './init/known.ts';
import { removeEverywhere, removeFrom } from './init/remove.ts';
import { tenantToWrite } from './init/tenant.ts';
import { good, print } from './output.ts';

/** The options of `init`, as typed. */
export interface InitOptions {
  /** Which client; by default the person chooses, or those that start an installed copy of ours already. */
  readonly client?: string;
  readonly npx?: boolean;
  readonly remove?: boolean;
  readonly print?: boolean;
  /** The organization that its server signs in to. */
  readonly organization?: string;
  /** The address of the team's server, which takes the place of the bundled one. */
  readonly server?: string;
  /** Nothing is asked. */
  readonly yes?: boolean;
  /** Whether a tenant that the environment names is written along. */
  readonly tenant?: boolean;
  /** Whether somebody is asked to sign in where nobody is. */
  readonly signIn?: boolean;
  readonly json?: boolean;
}

/**
 * `omnispindle init`: installs this version for the person, and has clients start it, by absolute paths that no
 * project can change; or by `npx`; or takes that out again. A configuration is backed up first.
 * @throws OmnispindleError, Interrupted
 */
export async function init(options: InitOptions): Promise<void> {
  const client = options.client === undefined ? undefined : clientOf(options.client);
  if (options.remove) return client ? removeOne(client, options) : removeAll(options);
  if (options.server !== undefined) parseServerUrl(options.server);
  if (client) return options.print ? show(client, options) : add(client, options);
  if (options.npx || options.print || options.organization !== undefined || options.server !== undefined) {
    throw new OmnispindleError('invalid_settings', l10n.t('Say which client: add --client NAME.'));
  }
  if (!options.yes && !options.json && canAsk()) return (await import('./init/guide.ts')).guide(options);
  return update(options);
}

function clientOf(id: string): NamedClient {
  const client = clients[id];
  if (!client) throw new Error(`Unknown client ${id}`);
  return { ...client, id };
}

async function show(client: NamedClient, options: InitOptions): Promise<void> {
  const tenant = await tenantToWrite(options);
  const { path, content } = await preview(client, { ...options, tenant });
  print(options.json, { path, content }, content.trimEnd(), { isFile: true });
}

async function add(client: NamedClient, options: InitOptions): Promise<void> {
  const tenant = await tenantToWrite(options);
  const added = await addTo(client, { ...options, tenant }, provide);
  const { changed, installed } = added;
  print(
    options.json,
    dataOf(added),
    [
      ...sayAdded(added),
      ...(installed?.fresh ? [l10n.t('Version {0} was installed for it.', installed.version)] : []),
      ...(changed || installed?.fresh ? [sayRestart(client)] : []),
    ].join(' '),
  );
}

function sayRestart({ sharedBy }: NamedClient): string {
  return sharedBy
    ? l10n.t('Restart {0} there; then ask it: who am I?', sharedBy.join(', '))
    : l10n.t('Restart it to see the tools. Then ask it: who am I?');
}

/** Installs this version for the clients that start an installed one. */
async function update({ json }: InitOptions): Promise<void> {
  const { known, unknown } = await knownClients();
  const having = known.map(client => ({ ...client, entry: entryOfUs(client) }));
  const copies = having.filter(({ entry }) => entry && wayOf(entry) === 'copy');
  const others = having.filter(({ entry }) => entry && wayOf(entry) !== 'copy');
  if (copies.length === 0) {
    for (const { error } of unknown) stderrLog().warn(error.message);
    throw new OmnispindleError(
      'invalid_settings',
      others.length > 0
        ? l10n.t(
            'No client starts an installed Omnispindle yet; {0} starts it in another way, for example with npx. Install it with: omnispindle init --client {1}',
            others.map(({ client }) => client.name).join(', '),
            others[0]?.id ?? '',
          )
        : l10n.t('No client starts Omnispindle yet. Add it with: omnispindle init --client NAME'),
    );
  }
  const installed = await provide();
  const done: { client: string; path: string; changed: boolean; backup?: string }[] = [];
  for (const { id, client, path, entry } of copies) {
    const replaced = await replaceConfiguration(path, text =>
      withOurServer(client, text, path, entryOf(installed, { server: addressIn(entry?.words ?? []) })),
    );
    done.push({ client: id, path, ...replaced });
  }
  const names = copies.map(({ client }) => client.name).join(', ');
  print(
    json,
    { version: installed.version, installed: installed.fresh, clients: done },
    [
      installed.fresh
        ? good(l10n.t('{0} now starts Omnispindle {1}.', names, installed.version))
        : l10n.t('{0} already starts Omnispindle {1}.', names, installed.version),
      ...done.flatMap(sayBackup),
      ...(installed.fresh ? [l10n.t('Restart it to use the new version.')] : []),
      ...others.map(({ client, id }) =>
        l10n.t(
          '{0} starts Omnispindle in another way, and stays as it is; to change that: omnispindle init --client {1}',
          client.name,
          id,
        ),
      ),
      ...unknown.map(({ error }) => error.message),
    ].join('\n'),
  );
}

async function removeOne(client: NamedClient, { json }: InitOptions): Promise<void> {
  const { path, ...replaced } = await removeFrom(client.id, client);
  print(
    json,
    { ...replaced, path },
    [
      replaced.changed
        ? good(l10n.t('{0} no longer starts Omnispindle ({1}).', client.name, path))
        : l10n.t('{0} does not start Omnispindle ({1}); nothing was changed.', client.name, path),
      ...sayBackup(replaced),
    ].join(' '),
  );
}

async function removeAll({ json }: InitOptions): Promise<void> {
  const { removed, failures, directory } = await removeEverywhere();
  const changed = removed.filter(one => one.changed);
  const messages = failures.map(({ message }) => message);
  print(
    json,
    { clients: changed, ...(directory && { directory }), ...(messages.length > 0 && { errors: messages }) },
    [
      ...changed.map(({ client, path, ...replaced }) =>
        [
          good(l10n.t('{0} no longer starts Omnispindle ({1}).', clientOf(client).name, path)),
          ...sayBackup(replaced),
        ].join(' '),
      ),
      ...(changed.length === 0 ? [l10n.t('No client started Omnispindle.')] : []),
      directory
        ? l10n.t('What was installed for clients is removed ({0}).', directory)
        : l10n.t('What was installed stays, because a client may still start it.'),
      ...messages,
    ].join('\n'),
  );
  if (failures.length > 0) process.exitCode = 1;
}
