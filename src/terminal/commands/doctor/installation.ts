import { accessSync, constants } from 'node:fs';
import * as l10n from '@vscode/l10n';
import { version } from '../../version.ts';
import { serverName } from '../../clients/serverEntry.ts';
import { compareVersions, presentCopy } from '../init/copy.ts';
import { knownClients, wayOf, type KnownClient } from '../init/known.ts';
import { launcher } from '../init/places.ts';
import type { Finding } from './finding.ts';

/** The one command that updates what is installed. */
const update = 'npx -y omnispindle@latest init';

/** Which clients start us and which would not, and whether what they start is there and of this version. */
export async function installation(): Promise<Finding[]> {
  const { known, unknown } = await knownClients();
  const starting = known.filter(({ servers }) => servers.some(({ startsUs }) => startsUs));
  const wrong = [
    ...known.filter(client => !starting.includes(client)).map(startsSomethingElse),
    ...[...new Set(unknown.map(({ error }) => error.message))].map((message): Finding => ({
      check: checkClients(),
      ok: false,
      message,
    })),
  ];
  if (starting.length > 0) {
    const message = l10n.t('Omnispindle is set up in {0}.', names(starting));
    return [
      { check: checkClients(), ok: true, message },
      ...wrong,
      ...(await copies(starting)),
      ...byNpx(starting),
    ];
  }
  if (wrong.length > 0) return wrong;
  const message = l10n.t('none starts Omnispindle yet. Add it with: omnispindle init --client NAME');
  return [{ check: checkClients(), ok: true, message }];
}

const checkClients = () => l10n.t('Clients');
const checkCopy = () => l10n.t('Installation');
const names = (known: readonly KnownClient[]) => known.map(({ client }) => client.name).join(', ');

function startsSomethingElse({ id, client, path }: KnownClient): Finding {
  const message = l10n.t(
    '{0} starts something else by the name of {3} ({1}). Replace it with: omnispindle init --client {2}',
    client.name,
    path,
    id,
    serverName,
  );
  return { check: checkClients(), ok: false, message };
}

/** What the clients start that have an installed copy. */
async function copies(known: readonly KnownClient[]): Promise<Finding[]> {
  const check = checkCopy();
  const using = known.filter(({ servers }) => servers.some(server => wayOf(server) === 'copy'));
  if (using.length === 0) return [];
  const found = using.flatMap(withoutNode);
  const copy = await presentCopy();
  if (!copy) {
    const message = l10n.t(
      'what {0} starts ({1}) is gone, or not whole. Install it again with: {2}',
      names(using),
      launcher(),
      update,
    );
    return [...found, { check, ok: false, message }];
  }
  const isOld = compareVersions(copy.version, version) < 0;
  const message = isOld
    ? l10n.t(
        '{0} starts version {1}, which is older than this one, {2}. Update it with: {3}',
        names(using),
        copy.version,
        version,
        update,
      )
    : l10n.t('{0} starts the installed version {1}.', names(using), copy.version);
  return [...found, { check, ok: !isOld, message }];
}

function withoutNode({ id, client, servers }: KnownClient): Finding[] {
  const gone = servers.filter(server => wayOf(server) === 'copy').map(({ words }) => words[0] ?? '');
  return gone
    .filter(program => !canRun(program))
    .map(program => {
      const message = l10n.t(
        '{0} starts Omnispindle with {1}, which is not there any more. Correct it with: {2} --client {3}',
        client.name,
        program,
        update,
        id,
      );
      return { check: checkCopy(), ok: false, message };
    });
}

function canRun(program: string): boolean {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function byNpx(known: readonly KnownClient[]): Finding[] {
  return known
    .filter(({ servers }) => servers.some(server => wayOf(server) === 'npx'))
    .map(({ id, client }) => {
      const message = l10n.t(
        '{0} starts Omnispindle with npx, which runs what the project it is in says. Safer and faster is: omnispindle init --client {1}',
        client.name,
        id,
      );
      return { check: checkCopy(), ok: true, warning: true, message };
    });
}
