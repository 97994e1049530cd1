import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { unlessAborted } from '../../src/common/unlessAborted.ts';
import { startApiServer } from '../bridge/remote/resource/apiServers.ts';
import { eventually } from '../eventually.ts';
import { callbackPort } from '../tenant/callbackPort.ts';
import { startTenant } from '../tenant/tenant.ts';
import { createBrowserPerson } from './browserPerson.ts';
import { unforwardedHost } from './codeServer.ts';
import type { HiddenWorldServer } from './hiddenWorld.ts';
import type { Editor, EditorHost } from './host.ts';
import { organization, partOptions, type SuiteApis, type Visit } from './parts.ts';
import type { Person } from './person.ts';
import { readPid, readResults, type Summary } from './results.ts';
import { endPath, prepareTeamServer } from './startTeamServer.ts';

const servers = join(import.meta.dirname, '..', 'bridge');

export interface VisitOptions {
  /** The folder of everything that the editor writes. */
  readonly profile: string;
  /** The file by which the suite learns that it is to run, and with which variables. */
  readonly ticket: string;
  /** The folder for pictures. */
  readonly artifacts: string;
  /** All where it is empty. */
  readonly parts: Visit;
  readonly browserHosted: boolean;
  /** Aborted where the suite must end before its end. */
  readonly signal: AbortSignal;
  /** Where the tenant is one that only a proxy finds. */
  readonly hidden?: HiddenWorldServer;
}

/** Runs parts of the suite in a new window of an editor, with a tenant of their own, and prints their results. */
export async function runVisit(editor: Editor, options: VisitOptions): Promise<Summary> {
  const { profile, ticket, artifacts, parts, browserHosted, signal, hidden } = options;
  const { settings, ...window } = (parts[0] && partOptions[parts[0]]) ?? {};
  const [notes, bank] = await Promise.all([startApiServer(['notes:read', 'notes:write']), startApiServer()]);
  const local = { identifier: 'https://local.example/', scopes: [] };
  const hasTeam = parts.length === 0 || parts.includes('teamServer');
  const team = hasTeam ? await prepareTeamServer(join(profile, 'team')) : undefined;
  const tenant = await startTenant({
    ...(browserHosted && { host: unforwardedHost }),
    ...(hidden && { address: hidden.front.address }),
    anyRedirectUri: browserHosted,
    apis: [notes.api, bank.api, local, ...(team ? [team.api] : [])],
    organizations: [{ ...organization, members: ['auth0|ada'] }],
    organizationNames: true,
    // The bank's tokens need a pass through the browser.
    mrrt: [notes.api, local, ...(team ? [team.api] : [])].map(({ identifier, scopes }) => ({
      audience: identifier,
      scopes,
    })),
  });
  hidden?.front.leadTo(tenant.port, unforwardedHost);
  for (const server of [notes, bank]) server.trust(tenant);
  await team?.start(tenant);
  const remote = await servePerson();
  const results = join(profile, 'results', `${parts[0] ?? 'all'}.ndjson`);
  mkdirSync(join(results, '..'), { recursive: true });
  writeFileSync(results, '');
  let opening: Promise<EditorHost> | undefined;
  try {
    issue(ticket, {
      OMNISPINDLE_SUITE_RESULTS: results,
      OMNISPINDLE_SUITE_DATA: join(profile, 'data'),
      OMNISPINDLE_PERSON: remote.address,
      OMNISPINDLE_TENANT: hidden ? `http://${unforwardedHost}:${String(tenant.port)}` : tenant.domain,
      ...(hidden && { OMNISPINDLE_SUITE_HIDDEN: JSON.stringify(hidden.world) }),
      OMNISPINDLE_ENVIRONMENT_SERVER: join(servers, 'local', 'environmentServer.mjs'),
      OMNISPINDLE_TOKEN_SERVER: join(servers, 'remote', 'resource', 'tokenServer.mjs'),
      OMNISPINDLE_SUITE_APIS: JSON.stringify({
        notes: notes.url,
        bank: bank.url,
        local: local.identifier,
        ...(team && { team: team.api.identifier, endOfTeam: new URL(endPath, team.api.identifier).href }),
      } satisfies SuiteApis),
      OMNISPINDLE_SUITE_PARTS: parts.join(','),
      OMNISPINDLE_SUITE_GREP: process.env['OMNISPINDLE_SUITE_GREP'] ?? '',
    });
    opening = editor.open({
      ...window,
      settings: {
        'security.workspace.trust.enabled': false,
        'chat.mcp.autostart': 'newAndOutdated',
        'telemetry.telemetryLevel': 'off',
        'workbench.secondarySideBar.defaultVisibility': 'hidden',
        'workbench.startupEditor': 'none',
        'workbench.tips.enabled': false,
        'omnispindle.auth0.domain': tenant.domain,
        'omnispindle.auth0.clientId': tenant.clientId,
        'omnispindle.auth0.audience': tenant.audience,
        'omnispindle.signIn.callbackPort': callbackPort,
        ...settings,
      },
    });
    const host = await unlessAborted(opening, signal);
    const person = await unlessAborted(createBrowserPerson(host, artifacts), signal);
    remote.use(person);
    const summary = await readResults(results, signal);
    if (summary.failed > 0) await person.screenshot('end').catch(() => undefined);
    return summary;
  } finally {
    await opening?.then(
      host => host.close(),
      () => undefined,
    );
    await ended(results);
    await tenant.close();
    await Promise.all([notes.stop(), bank.stop(), team?.stop()]);
    remote.close();
  }
}

/** Lets the next window run the suite with these variables. */
function issue(ticket: string, variables: Readonly<Record<string, string>>): void {
  writeFileSync(`${ticket}-unfinished`, JSON.stringify(variables));
  renameSync(`${ticket}-unfinished`, ticket);
}

/** Listens for what the suite asks the person to do. */
async function servePerson() {
  // The suite may ask before the first window has opened to its end.
  const { promise: person, resolve: use } = Promise.withResolvers<Person>();
  const server = createServer((request, response) => {
    void (async () => {
      const { action, args } = JSON.parse(await text(request)) as { action: keyof Person; args: unknown[] };
      try {
        const act = (await person)[action] as (...args: unknown[]) => Promise<unknown>;
        response.end(JSON.stringify({ result: await act(...args) }));
      } catch (error) {
        response.end(JSON.stringify({ error: String(error) }));
      }
    })();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    use,
    close: () => server.close(),
  };
}

/** Waits until the process is gone that the suite has run in: at its end our extension still writes into the profile. */
async function ended(results: string): Promise<void> {
  const pid = readPid(results);
  if (pid === undefined) return;
  await eventually('the end of the extension host', () => !isRunning(pid));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
