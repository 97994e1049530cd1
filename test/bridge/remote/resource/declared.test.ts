import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { createVerifier } from '../../../../src/auth/verify.ts';
import type { TenantApi } from '../../../tenant/options.ts';
import { useUser } from '../../../tenant/useTenant.ts';
import { call, startClient, visits, type Served } from '../../../terminal/fixtures.ts';
import { text } from '../fixtures.ts';
import { startApiServer, type ApiServer } from './apiServers.ts';

const local = 'https://local.example/';
const tokenServer = join(import.meta.dirname, 'tokenServer.mjs');

describe('omnispindle connect to servers with an API of their own', () => {
  const apis: TenantApi[] = [];
  let notes: ApiServer;
  let bank: ApiServer;
  let open: Client[] = [];
  before(async () => {
    [notes, bank] = await Promise.all([startApiServer(['notes:write']), startApiServer()]);
    apis.push(notes.api, bank.api, { identifier: local, scopes: [] });
  });
  after(() => Promise.all([notes.stop(), bank.stop()]));
  const given = useUser(
    async () => {
      await Promise.all(open.map(client => client.close()));
      open = [];
    },
    {
      apis,
      // As the tenant reads it: by then the servers have their ports.
      get mrrt() {
        return apis.map(({ identifier, scopes }) => ({ audience: identifier, scopes }));
      },
    },
  );
  beforeEach(() => {
    for (const server of [notes, bank]) {
      server.trust(given.tenant);
      server.requests.length = 0;
      server.asked.length = 0;
    }
  });

  async function start(args: readonly string[], env: Record<string, string> = {}): Promise<Served> {
    const served = await startClient(args, { tenant: given.tenant, directory: given.directory, env });
    open.push(served.client);
    return served;
  }
  const echoBy = async (server: ApiServer, flags: readonly string[] = [], env = {}) =>
    text(await start(['connect', server.url, ...flags], env), 'echo', { text: 'hi' });
  const sentTo = ({ requests }: ApiServer) => (requests.at(-1)?.authorization ?? '').replace('Bearer ', '');

  it('[whom] signs in once, and each server gets a token that all the others refuse', async () => {
    assert.equal(await echoBy(notes), 'hi');
    assert.equal(await echoBy(bank), 'hi');
    const run = ['run', '--variable', 'API_TOKEN', '--audience', local, '--', process.execPath, tokenServer];
    const ofLocal = (await text(await start(run), 'token')) ?? '';
    const bundled = await start(['serve']);
    assert.equal((await call(bundled.client, 'whoami')).result?.['sub'], 'auth0|ada');
    assert.equal(visits(given.directory).length, 1);

    const audiences = [notes.url, bank.url, local];
    const tokens = [sentTo(notes), sentTo(bank), ofLocal];
    const isTaken = (audience: string, token: string) =>
      createVerifier({ ...given.tenant, audience })(token).then(
        () => true,
        () => false,
      );
    for (const [api, audience] of [...audiences, given.tenant.audience].entries()) {
      for (const [owner, token] of tokens.entries()) {
        assert.equal(await isTaken(audience, token), api === owner, `${audience}, token ${String(owner)}`);
      }
    }
    for (const token of tokens) {
      const { client } = await start(['serve'], { AUTH0_TOKEN: token });
      assert.match((await call(client, 'whoami')).error ?? '', /not for the API/);
    }
    for (const [server, token] of [
      [bank, sentTo(notes)],
      [notes, ofLocal],
    ] as const) {
      await assert.rejects(echoBy(server, [], { AUTH0_TOKEN: token }), /AUTH0_TOKEN/);
    }
  });

  it('[whom] asks for the metadata once, and for nothing without a token besides', async () => {
    const served = await start(['connect', notes.url]);
    for (let times = 0; times < 3; times++) await text(served, 'echo', { text: 'hi' });
    assert.deepEqual(
      notes.asked.map(({ method, path }) => `${method} ${path}`),
      ['GET /.well-known/oauth-protected-resource/mcp'],
    );
  });

  it('[whom] takes the audience that the person names, and asks the server nothing', async () => {
    notes.declareAs({ resource: bank.url });
    assert.equal(await echoBy(notes, ['--audience', notes.url]), 'hi');
    assert.deepEqual(notes.asked, []);
  });

  it('[whom] gives a server that declares itself its own token, whatever the person allows others', async () => {
    assert.equal(await echoBy(notes, ['--default-audience']), 'hi');
  });

  it('[whom] sends no token to a server that declares nothing, and says which flags there are', async () => {
    notes.declare = undefined;
    const said =
      /does not say which API its tokens are for, so no token was sent.*"--audience", "…".*"--default-audience"/g;
    const lines: string[] = [];
    const surroundings = { tenant: given.tenant, directory: given.directory };
    const hear = (line: string) => lines.push(line);
    await assert.rejects(startClient(['connect', notes.url], { ...surroundings, hear }), said);
    assert.equal(lines.join('\n').match(said)?.length, 1, lines.join('\n'));
    assert.deepEqual(notes.requests, []);
    assert.deepEqual(visits(given.directory), []);
  });

  it('[whom] passes AUTH0_TOKEN on without a question to the server', async () => {
    notes.declare = undefined;
    const token = await given.tenant.sign({ aud: notes.url });
    assert.equal(await echoBy(notes, [], { AUTH0_TOKEN: token }), 'hi');
    assert.deepEqual(notes.asked, []);
  });

  for (const [what, other, says] of [
    ['claims the API of another', () => ({ resource: bank.url }), /which is not that server/],
    [
      'trusts another tenant',
      () => ({ authorization_servers: ['https://else.example/'] }),
      /does not trust tokens of .*, but of else\.example\./,
    ],
  ] as const) {
    it(`[whom] sends no token to a server that ${what}, allowed or not`, async () => {
      notes.declareAs(other());
      await assert.rejects(echoBy(notes, ['--default-audience']), says);
      assert.deepEqual(notes.requests, []);
      assert.deepEqual(visits(given.directory), []);
    });
  }

  it('[whom] names the API that the tenant does not know, and how to register it', async () => {
    await assert.rejects(echoBy(notes, ['--audience', 'https://unknown.example/']), ({ message }: Error) => {
      assert.match(message, /https:\/\/unknown\.example\//);
      return true;
    });
    assert.deepEqual(notes.requests, []);
  });
});
