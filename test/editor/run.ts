import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { unlessAborted } from '../../src/common/unlessAborted.ts';
import { startApiServer } from '../bridge/remote/resource/apiServers.ts';
import { callbackPort } from '../tenant/callbackPort.ts';
import { startTenant } from '../tenant/tenant.ts';
import { createBrowserPerson } from './browserPerson.ts';
import { unforwardedHost } from './codeServer.ts';
import type { EditorHost, EditorOptions } from './host.ts';
import { packageForSuite, packageLanguage } from './packageExtension.ts';
import { hiddenTenant, organization, type ShareOptions, type SuiteApis, type SuitePart } from './parts.ts';
import { startHiddenWorld } from './hiddenWorld.ts';
import type { Person } from './person.ts';
import { readResults, type Summary } from './results.ts';
import { endPath, prepareTeamServer } from './startTeamServer.ts';

const root = join(import.meta.dirname, '..', '..');

export interface EditorSuiteOptions {
  readonly start: (options: EditorOptions) => Promise<EditorHost>;
  /** Whether the editor has no address that a tenant could know beforehand. */
  readonly browserHosted: boolean;
  /** The folder in `.cache` for pictures and logs. */
  readonly artifacts: string;
  readonly editor: ShareOptions;
  /** All parts where it is empty. */
  readonly parts: readonly SuitePart[];
  /** Aborted where the suite must end before its end. */
  readonly signal?: AbortSignal;
}

/** Runs parts of the suite inside a real editor and prints its results. */
export async function runEditorSuite(options: EditorSuiteOptions): Promise<Summary> {
  const { start, browserHosted, signal = new AbortController().signal } = options;
  const profile = mkdtempSync(join(tmpdir(), 'omnispindle-editor-'));
  const artifacts = join(root, '.cache', options.artifacts);
  rmSync(artifacts, { recursive: true, force: true });
  mkdirSync(artifacts, { recursive: true });
  const results = join(profile, 'results.ndjson');
  const ticket = join(profile, 'ticket');
  writeFileSync(results, '');
  writeFileSync(ticket, '');

  const extensions = await packageForSuite(profile);
  if (options.editor.language !== undefined) extensions.push(await packageLanguage(profile));
  const [notes, bank] = await Promise.all([startApiServer(['notes:read', 'notes:write']), startApiServer()]);
  const local = { identifier: 'https://local.example/', scopes: [] };
  const hasTeam = options.parts.length === 0 || options.parts.includes('teamServer');
  const team = hasTeam ? await prepareTeamServer(join(profile, 'team')) : undefined;
  const hidden = options.parts.includes('proxied') ? await startHiddenWorld(profile) : undefined;
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
  let starting: Promise<EditorHost> | undefined;
  try {
    starting = start({
      profile,
      hiddenName: hidden && hiddenTenant,
      extensions,
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
        ...options.editor.settings,
      },
      ...(options.editor.language !== undefined && { language: options.editor.language }),
      ...(options.editor.view && { view: options.editor.view }),
      ...(options.editor.folder !== undefined && { folder: options.editor.folder }),
      env: {
        OMNISPINDLE_SUITE_TICKET: ticket,
        OMNISPINDLE_SUITE_RESULTS: results,
        OMNISPINDLE_SUITE_DATA: join(profile, 'data'),
        OMNISPINDLE_SUITE_WINDOWS: join(profile, 'windows'),
        OMNISPINDLE_PERSON: remote.address,
        OMNISPINDLE_TENANT: hidden ? `http://${unforwardedHost}:${String(tenant.port)}` : tenant.domain,
        ...hidden?.env,
        OMNISPINDLE_ENVIRONMENT_SERVER: join(root, 'test', 'bridge', 'local', 'environmentServer.mjs'),
        OMNISPINDLE_TOKEN_SERVER: join(root, 'test', 'bridge', 'remote', 'resource', 'tokenServer.mjs'),
        OMNISPINDLE_SUITE_APIS: JSON.stringify({
          notes: notes.url,
          bank: bank.url,
          local: local.identifier,
          ...(team && { team: team.api.identifier, endOfTeam: new URL(endPath, team.api.identifier).href }),
        } satisfies SuiteApis),
        OMNISPINDLE_SUITE_PARTS: options.parts.join(','),
        OMNISPINDLE_SUITE_GREP: process.env['OMNISPINDLE_SUITE_GREP'] ?? '',
      },
    });
    const host = await unlessAborted(starting, signal);
    const person = await unlessAborted(createBrowserPerson(host, artifacts), signal);
    remote.use(person);
    const summary = await readResults(results, signal);
    if (summary.failed > 0) await person.screenshot('end').catch(() => undefined);
    return summary;
  } finally {
    await starting?.then(
      host => host.stop(),
      () => undefined,
    );
    await tenant.close();
    hidden?.front.stop();
    await Promise.all([notes.stop(), bank.stop(), team?.stop()]);
    remote.close();
    keepLogs(profile, artifacts);
    rmSync(profile, { recursive: true, force: true });
  }
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

function keepLogs(profile: string, artifacts: string): void {
  for (const name of ['code-server.log', 'data/logs', 'results.ndjson']) {
    const path = join(profile, name);
    if (existsSync(path)) cpSync(path, join(artifacts, name.replace('data/', '')), { recursive: true });
  }
}
