import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { decodeJwt } from 'jose';
import { readDefinition } from '../../src/broker/serverDefinition.ts';
import { startApiServer, type ApiServer } from '../bridge/remote/resource/apiServers.ts';
import { eventually } from '../eventually.ts';
import type { TenantApi } from '../tenant/options.ts';
import { call } from '../terminal/fixtures.ts';
import { signInInBrowser } from './standIn/browser.ts';
import { packageJson } from './standIn/extensionContext.ts';
import type { StandIn } from './standIn/startExtension.ts';
import type { TreeLine } from './standIn/tree.ts';
import { useOurServer } from './standIn/useOurServer.ts';
import { useStandIn } from './standIn/useStandIn.ts';

const setting = 'omnispindle.server';
const address = 'https://todos.example/mcp';

describe('[team] the setting that says which server Omnispindle is', () => {
  const apis: TenantApi[] = [];
  let team: ApiServer;
  before(async () => {
    team = await startApiServer(['omnispindle:read', 'omnispindle:write']);
    apis.push(team.api);
  });
  after(() => team.stop());
  const given = useStandIn({
    apis,
    // As the tenant reads it: by then the server has its port.
    get mrrt() {
      return apis.map(({ identifier, scopes }) => ({ audience: identifier, scopes }));
    },
  });
  const start = useOurServer(given);
  beforeEach(() => {
    team.trust(given.tenant);
    team.requests.length = 0;
  });

  /** The servers that the editor is given: the command of each, and its address where it is remote. */
  async function servers(window: StandIn): Promise<Record<string, string>> {
    const definitions = await given.definitions(window);
    return Object.fromEntries(
      definitions.map(({ label, args, env }) => {
        const server = readDefinition(env as Record<string, string>)?.server;
        return [label, [args[1], server && 'url' in server && server.url].filter(Boolean).join(' ')];
      }),
    );
  }

  async function line(window: StandIn): Promise<TreeLine> {
    const lines = await window.tree('omnispindle.accounts');
    const found = lines.flatMap(({ below }) => below).find(({ label }) => label === 'Omnispindle');
    assert.ok(found);
    return found;
  }
  const details = async (window: StandIn) => (await line(window)).below.map(({ label }) => label).join('\n');

  async function signIn(window: StandIn): Promise<void> {
    const command = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    await signInInBrowser(window);
    await command;
  }

  /** Why a call fails, whether the server says so or what stands before it; nothing where it does not fail. */
  async function failure(client: Client, tool: string): Promise<string> {
    const { error = '' } = await call(client, tool, { text: 'wool' }).catch((thrown: unknown) => ({
      error: String(thrown),
    }));
    return error;
  }

  const told = (window: StandIn) => window.screen.all.filter(({ kind }) => kind === 'error');
  const keys = (window: StandIn) =>
    window.executed.flatMap(({ id, args: [key, value] }) => (id === 'setContext' && value ? [key] : []));

  it('[team] is the bundled one where nothing is set, and a team’s where that has an address', async () => {
    const profile = given.profile({ 'omnispindle.servers': { Loom: { url: 'https://loom.example/mcp' } } });
    const window = await given.start({ profile });
    const loom = 'connect https://loom.example/mcp';
    assert.deepEqual(await servers(window), { Omnispindle: 'serve', Loom: loom });
    profile.set(setting, 'bundled');
    assert.deepEqual(await servers(window), { Omnispindle: 'serve', Loom: loom });
    profile.set(setting, ` ${address} `);
    assert.deepEqual(await servers(window), { Omnispindle: `connect ${address}`, Loom: loom });
    assert.deepEqual(told(window), []);
  });

  it('[team] is read from no workspace', async () => {
    assert.equal(packageJson.contributes.configuration.properties[setting]?.scope, 'application');
    const window = await given.start({ workspaceSettings: { [setting]: address } });
    assert.deepEqual(await servers(window), { Omnispindle: 'serve' });
  });

  it('[team] that is wrong is told in words, and no other server takes its place', async () => {
    for (const [value, said] of [
      [
        'todos.example/mcp',
        /It has no "https:\/\/" at the beginning\. Write https:\/\/todos\.example\/mcp\./,
      ],
      ['http://todos.example/mcp', /others could read your token/],
      ['https://ada:wool@todos.example/mcp', /user name or a password/],
      ['https://todos.example/mcp#top', /There is a "#" in the address\./],
      ['ftp://todos.example', /begins with "ftp:\/\/"/],
      ['https://', /name of the machine is missing/],
      ['Bundled', /has no "https:\/\/"/],
      ['', /It must be "bundled", or the address of your team’s server/],
      ['${TEAM}', /a placeholder that nobody filled in/],
      [7, /It must be "bundled", or/],
      [[address], /It must be "bundled", or/],
      [{ url: address }, /It must be "bundled", or/],
      [true, /It must be "bundled", or/],
    ] as const) {
      const window = await given.start({ profile: given.profile({ [setting]: value }) });
      assert.deepEqual(await servers(window), {}, JSON.stringify(value));
      const { text } = await window.screen.see(/^The setting omnispindle\.server has a mistake\. /);
      assert.match(text, said);
      assert.match(text, /Until it is corrected, there is no server Omnispindle here\.$/);
      assert.doesNotMatch(text, /wool@/);
      assert.equal((await line(window)).description, 'failed');
      assert.match(await details(window), said);
      await window.run('omnispindle.startServer');
      await window.screen.see(said);
      assert.ok(!window.executed.some(({ id }) => id === 'workbench.mcp.startServer'));
      await window.deactivate();
    }
  });

  it('[team] leads from its mistake, and from its line, to its place in settings.json', async () => {
    const profile = given.profile({ [setting]: 'todos.example', 'omnispindle.servers': { Loom: {} } });
    const window = await given.start({ profile });
    await given.definitions(window);
    const { text } = await window.screen.see(/omnispindle\.server has a mistake/);
    assert.match(text, /The setting omnispindle\.servers has a mistake\. Server "Loom": /);
    await window.screen.press('Open Settings');
    const opened = () =>
      window.executed
        .filter(({ id }) => id === 'workbench.action.openSettingsJson')
        .map(({ args }) => args[0]);
    const place = { revealSetting: { key: setting } };
    await eventually('settings.json', () => opened().length === 1);
    assert.deepEqual(opened(), [place]);
    profile.set(setting, address);
    assert.equal((await line(window)).menu, 'teamServer');
    await window.run('omnispindle.editServer', (await line(window)).node);
    assert.deepEqual(opened(), [place, place]);
    profile.set(setting, undefined);
    assert.equal((await line(window)).menu, 'bundledServer');
  });

  it('[team] has its tools run as the person, with a token for that server alone, with both scopes', async () => {
    const window = await given.start({ profile: given.profile({ [setting]: team.url }) });
    await signIn(window);
    assert.match(await details(window), /API: found out at its first call/);
    const client = await start(window);
    assert.equal((await call(client, 'echo', { text: 'wool' })).error, undefined);
    const sent = team.requests.map(({ authorization = '' }) => authorization.replace('Bearer ', ''));
    assert.ok(sent.length > 0);
    for (const token of sent) {
      const { aud, sub, scope } = decodeJwt<{ scope: string }>(token);
      assert.ok([aud].flat().includes(team.url));
      assert.ok(![aud].flat().includes(given.tenant.audience));
      assert.equal(sub, 'auth0|ada');
      assert.match(scope, /omnispindle:read omnispindle:write/);
    }
    assert.equal(window.opened.length, 1);
    await eventually('its use', async () => (await line(window)).description === 'in use');
    assert.ok((await details(window)).includes(`API: ${team.url}`));
  });

  it('[team] asks who is signed in at the first call, and not before, and tells the walkthrough', async () => {
    const window = await given.start({ profile: given.profile({ [setting]: team.url }) });
    const client = await start(window);
    await client.listTools();
    assert.deepEqual(window.opened, []);
    assert.ok(keys(window).includes('omnispindle.serverStarted'));
    assert.ok(!keys(window).includes('omnispindle.toolCalled'));
    const called = call(client, 'echo', { text: 'wool' });
    await window.screen.press('Allow');
    await signInInBrowser(window);
    assert.equal((await called).error, undefined);
    assert.ok(keys(window).includes('omnispindle.toolCalled'));
  });

  it('[team] tells the walkthrough of a call, and of no start, where somebody is signed in', async () => {
    const window = await given.start({ profile: given.profile({ [setting]: team.url }) });
    await signIn(window);
    const client = await start(window);
    await client.listTools();
    await eventually('the handshake', () => team.requests.length > 0);
    assert.ok(!keys(window).includes('omnispindle.toolCalled'));
    await call(client, 'echo', { text: 'wool' });
    await eventually('the step', () => keys(window).includes('omnispindle.toolCalled'));
  });

  it('[team] gets no token where the server trusts another tenant, and says so', async () => {
    team.declareAs({ authorization_servers: ['https://other.example/'] });
    const window = await given.start({ profile: given.profile({ [setting]: team.url }) });
    await signIn(window);
    await assert.rejects(
      start(window),
      /does not trust tokens of .*, but of other\.example\. No token was sent/,
    );
    assert.deepEqual(
      team.requests.filter(({ authorization }) => authorization !== undefined),
      [],
    );
    await eventually('the failure', async () => (await line(window)).description === 'failed');
  });

  it('[team] that cannot be reached says so in the call and in the view', async () => {
    const gone = await startApiServer();
    await gone.stop();
    const window = await given.start({ profile: given.profile({ [setting]: gone.url }) });
    await signIn(window);
    const client = await start(window);
    const said = new RegExp(`${new URL(gone.url).origin} could not be reached \\(connect ECONNREFUSED`);
    assert.match(await failure(client, 'whoami'), said);
    await eventually('the failure', async () => (await line(window)).description === 'failed');
    assert.match(await details(window), said);
    assert.match(window.statusBar[0]?.text ?? '', /Omnispindle failed/);
  });

  it('[team] that goes away says so in the call and in the view, and no more once it is back', async () => {
    const { port } = team;
    const window = await given.start({ profile: given.profile({ [setting]: team.url }) });
    await signIn(window);
    const client = await start(window);
    await call(client, 'echo', { text: 'wool' });
    await eventually('its use', async () => (await line(window)).description === 'in use');
    await team.stop();
    const said = new RegExp(`:${String(port)} could not be reached \\(connect ECONNREFUSED`);
    assert.match(await failure(client, 'echo'), said);
    await eventually('the failure', async () => (await line(window)).description === 'failed');
    assert.match(await details(window), said);
    assert.match(window.statusBar[0]?.text ?? '', /Omnispindle failed/);
    await team.startAgain();
    await eventually('its return', async () => (await failure(client, 'echo')) === '');
    await eventually('its use', async () => (await line(window)).description === 'in use');
    assert.deepEqual(window.statusBar, []);
  });

  it('[team] replaces the server that runs when it is changed, and no token is left to the one before', async () => {
    const profile = given.profile();
    const window = await given.start({ profile });
    await signIn(window);
    const bundled = await start(window);
    assert.equal((await call(bundled, 'whoami')).result?.['email'], 'ada@example.com');
    const [before] = await given.definitions(window);
    profile.set(setting, team.url);
    const [after] = await given.definitions(window);
    assert.notEqual(after?.version, before?.version);
    await eventually('its last token', async () => /window|key|sign/.test(await failure(bundled, 'whoami')));
    assert.match(await details(window), /API: found out at its first call/);
    const remote = await start(window);
    assert.equal((await call(remote, 'echo', { text: 'wool' })).error, undefined);
    profile.set(setting, 'bundled');
    await eventually('its last token', async () => /window|key|sign/.test(await failure(remote, 'echo')));
    assert.ok((await details(window)).includes(`API: ${given.tenant.audience}`));
    assert.equal((await call(await start(window), 'whoami')).result?.['email'], 'ada@example.com');
  });
});
