import {
  npxEntry,
  organizationArgument,
  teamArguments,
  type ServerEntry,
} from '../../clients/serverEntry.ts';
import type { ClientConfiguration } from '../../clients/client.ts';
import { stderrLog } from '../../log.ts';
import * as l10n from '@vscode/l10n';
import { interruptible } from '../../interruptible.ts';
import { withSpinner } from '../output.ts';
import { sayStopped } from './ask.ts';
import { install, type Installed } from './install.ts';
import { isNamedByClient } from './known.ts';
import { chosenNode } from './lastingNode.ts';
import { launcher } from './places.ts';
import type { TenantToWrite } from './tenant.ts';

/** A client, by the name the command line has for it. */
export interface NamedClient extends ClientConfiguration {
  readonly id: string;
}

/** What an entry is made of. */
export interface EntryOptions {
  readonly npx?: boolean | undefined;
  /** The organization that its server signs in to. */
  readonly organization?: string | undefined;
  /** The address of the team's server; the bundled one where absent. */
  readonly server?: string | undefined;
  readonly tenant?: TenantToWrite | undefined;
}

/** Whether a client is to start us with `npx`: what is shared with others names no path of this machine. */
export function usesNpx(client: ClientConfiguration, { npx }: EntryOptions): boolean {
  return npx === true || client.sharedBy !== undefined;
}

/** How a client starts what {@link install} provides; by `npx` where nothing was installed for it. */
export function entryOf(
  installed: Pick<Installed, 'node' | 'script'> | undefined,
  { tenant, organization, server }: EntryOptions = {},
): ServerEntry {
  const starts = server === undefined ? ['serve'] : teamArguments(server);
  const { command, args } = installed
    ? { command: installed.node, args: [installed.script, ...starts] }
    : npxEntry(process.platform, starts);
  return {
    command,
    args: [...args, ...(organization === undefined ? [] : [organizationArgument, organization])],
    ...(tenant && { env: tenant.variables }),
  };
}

/** The entry as it will be; nothing is installed for it yet. @throws OmnispindleError */
export function entryToBe(client: ClientConfiguration, options: EntryOptions): ServerEntry {
  if (usesNpx(client, options)) return entryOf(undefined, options);
  return entryOf({ node: chosenNode().path, script: launcher() }, options);
}

/** Installs this version, where it is not there. @throws OmnispindleError, Interrupted */
export function provide(): Promise<Installed> {
  return interruptible(
    signal =>
      withSpinner(l10n.t('Installing Omnispindle …'), () => install(stderrLog(), isNamedByClient, signal)),
    sayStopped(),
  );
}
