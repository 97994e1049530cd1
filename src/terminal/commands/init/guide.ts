import { existsSync } from 'node:fs';
import * as l10n from '@vscode/l10n';
import { clients, configurationPath, ownClients } from '../../clients/clients.ts';
import { hasOurExtension } from '../../clients/ourExtension.ts';
import { directoryOf, thisSystem } from '../../clients/system.ts';
import { terminalAuthenticator } from '../../authenticator.ts';
import { readEnvironment } from '../../environment.ts';
import { exitCodes } from '../../exitCodes.ts';
import { Interrupted } from '../../interruptible.ts';
import { stderrLog } from '../../log.ts';
import { login } from '../login.ts';
import { print } from '../output.ts';
import { addTo, sayAdded, sayNext, type Added } from './add.ts';
import { agree, ask } from './ask.ts';
import { provide, type NamedClient } from './entry.ts';
import type { Installed } from './install.ts';
import { entryOfUs, knownClients } from './known.ts';
import { agreesTo, tenantToWrite, type TenantOptions } from './tenant.ts';

/** What the guide does not ask about. */
export interface GuideOptions extends TenantOptions {
  readonly signIn?: boolean;
}

/**
 * Leads a person on a terminal through it: which clients, of those that are here; a sign-in where nobody is signed in;
 * and what to do next.
 * @throws OmnispindleError, Interrupted
 */
export async function guide(options: GuideOptions): Promise<void> {
  const chosen = await choose();
  if (chosen.length === 0) {
    print(false, {}, l10n.t('No client was chosen, so nothing was changed.'));
    process.exitCode = exitCodes.failed;
    return;
  }
  const named = await tenantToWrite({});
  const tenant = named && options.tenant !== false && (await agreesTo(named)) ? named : undefined;
  // A sign-in goes to the tenant that the environment names, and is of no use to a server that signs in at another.
  if (options.signIn !== false && tenant === named) await signInFirst();
  let installed: Promise<Installed> | undefined;
  const added: Added[] = [];
  // What cannot be installed cannot be for another client either, which is said once.
  const failures = new Set<string>();
  for (const client of chosen) {
    try {
      added.push(await addTo(client, { tenant }, () => (installed ??= provide())));
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      failures.add((error as Error).message);
    }
  }
  const ready = added.filter(({ extension }) => !extension).map(({ client }) => client);
  const lines = [
    ...added.map(one => sayAdded(one).join(' ')),
    ...failures,
    ...(ready.length > 0 ? [sayNext(ready)] : []),
  ];
  print(false, {}, lines.join('\n'));
  if (failures.size > 0) process.exitCode = exitCodes.failed;
}

/** Those that the person chooses of the clients that are here, or of all where none is. @throws Interrupted */
async function choose(): Promise<NamedClient[]> {
  const { known } = await knownClients();
  const here = Object.entries(ownClients).filter(([, client]) => isHere(client));
  const offered = here.length > 0 ? here : Object.entries(ownClients);
  const choices = offered.map(([id, client]) => {
    const isOurs = known.some(one => one.id === id && entryOfUs(one));
    return {
      value: id,
      short: client.name,
      name: isOurs ? l10n.t('{0} (starts Omnispindle already)', client.name) : client.name,
      checked: isOurs,
      disabled: hasOurExtension(client) ? l10n.t('(has the Omnispindle extension)') : false,
    };
  });
  const { default: checkbox } = await import('@inquirer/checkbox');
  const message =
    here.length > 0
      ? l10n.t('Which of the clients on this machine should start Omnispindle?')
      : l10n.t('No client was found on this machine. Which ones should start Omnispindle?');
  const keysHelpTip = () => l10n.t('Space chooses, A chooses all, Enter goes on, Ctrl-C stops.');
  const ids = await ask(terminal =>
    checkbox({ message, choices, pageSize: 20, loop: false, theme: { style: { keysHelpTip } } }, terminal),
  );
  return ids.flatMap(id => (clients[id] ? [{ ...clients[id], id }] : []));
}

/** Whether a client has left anything on this machine. */
function isHere(client: (typeof ownClients)[string]): boolean {
  try {
    const system = thisSystem();
    const path = configurationPath(client);
    return existsSync(path) || existsSync(client.directory?.(system) ?? directoryOf(system, path));
  } catch {
    return false;
  }
}

/** @throws OmnispindleError where a sign-in that was wanted fails, Interrupted */
async function signInFirst(): Promise<void> {
  const environment = await readEnvironment();
  const authenticator = await terminalAuthenticator({ ...environment, log: stderrLog() });
  if ((await authenticator.list()).length > 0) return;
  const question = l10n.t('Nobody is signed in. Sign in now? (Otherwise the first tool call asks you to.)');
  if (await agree(question)) await login({ isPart: true });
}
