import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useUser } from '../../tenant/useTenant.ts';
import { call, run, serve as serveTools, visits } from '../../terminal/fixtures.ts';
import { startOddServer, type OddAnswer, type OddServer } from './oddServer.ts';
import { startRawClient, type Json, type RawClient } from './rawClient.ts';

const refuseAll: OddAnswer = (_request, response) => {
  response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
  return true;
};

/** Refuses all but what begins the session. */
const refuseCalls: OddAnswer = (request, response) =>
  /^(?:initialize|notifications\/initialized)$/.test(String(request.message?.['method']))
    ? undefined
    : refuseAll(request, response);

describe('[T6] omnispindle connect, where a server refuses every token,', () => {
  let stops: (() => Promise<void>)[] = [];
  const given = useUser(async () => {
    await Promise.all(stops.map(stop => stop()));
    stops = [];
  });

  async function serve(answer: OddAnswer): Promise<OddServer> {
    const server = await startOddServer(answer);
    stops.push(server.stop);
    return server;
  }
  function connect(server: OddServer, env: Record<string, string> = {}, flags: string[] = []): RawClient {
    const client = startRawClient({ ...given, env }, [server.url, '--default-audience', ...flags]);
    stops.push(client.stop);
    return client;
  }
  const renewals = () => given.tenant.counters()['token:refresh_token'] ?? 0;
  const signIn = async () => {
    assert.equal((await run(given, 'login')).code, 0);
  };
  const saying = (answer: Json) => String((answer['error'] as Json | undefined)?.['message']);
  const sessions = () => {
    const directory = join(given.directory, 'data', 'sessions');
    return readdirSync(directory).map(name => join(directory, name));
  };
  const session = () => JSON.parse(readFileSync(sessions()[0] ?? '', 'utf8')) as Json;

  it('renews the session once for any number of calls of any number of processes', async () => {
    await signIn();
    const server = await serve(refuseCalls);
    const clients = [connect(server), connect(server), connect(server)];
    for (const client of clients) {
      await client.begin();
      for (let times = 0; times < 3; times++) {
        assert.match(saying(await client.call('tools/list')), /does not accept the token/);
      }
    }
    await Promise.all(clients.map(client => client.call('tools/list')));
    assert.equal(renewals(), 1);
    assert.equal(visits(given.directory).length, 1);
    assert.equal(await given.tenant.liveSessions(), 1);
  });

  it('renews it once for several such servers together', async () => {
    await signIn();
    const clients = [connect(await serve(refuseAll)), connect(await serve(refuseAll))];
    for (let times = 0; times < 2; times++) {
      await Promise.all(clients.map(client => client.begin()));
    }
    assert.equal(renewals(), 1);
  });

  it('renews it once for a server that takes every other request', async () => {
    await signIn();
    let turn = 0;
    const client = connect(
      await serve((...exchange) => (turn++ % 2 === 0 ? refuseAll(...exchange) : undefined)),
    );
    for (let times = 0; times < 6; times++) await client.begin();
    assert.equal(renewals(), 1);
    assert.equal(visits(given.directory).length, 1);
  });

  it('renews it again when a minute is over', async () => {
    await signIn();
    const client = connect(await serve(refuseAll));
    await client.begin();
    const [file = ''] = sessions();
    const kept = session();
    assert.equal(typeof kept['replacedAt'], 'number');
    writeFileSync(file, JSON.stringify({ ...kept, replacedAt: Number(kept['replacedAt']) - 60_000 }));
    await client.begin();
    assert.equal(renewals(), 2);
  });

  it('leaves the session of the other servers alone', async () => {
    await signIn();
    const client = connect(await serve(refuseAll));
    for (let times = 0; times < 3; times++) await client.begin();
    const other = connect(await serve(() => undefined));
    assert.ok((await other.begin())['result']);
    assert.equal(visits(given.directory).length, 1);
  });

  it('keeps a session without a refresh token, opens no browser, and says what to do', async () => {
    await signIn();
    const [file = ''] = sessions();
    const { refreshToken, ...kept } = session();
    assert.ok(refreshToken);
    writeFileSync(file, JSON.stringify(kept));
    const client = connect(await serve(refuseAll));
    for (let times = 0; times < 2; times++) {
      assert.match(saying(await client.begin()), /does not accept the token.*omnispindle login/s);
    }
    assert.equal(visits(given.directory).length, 1);
    assert.deepEqual(session(), kept);
    const other = connect(await serve(() => undefined));
    assert.ok((await other.begin())['result']);
  });

  it('keeps it also where our own server refuses the token, and opens no browser', async () => {
    await signIn();
    const [file = ''] = sessions();
    const kept = { ...session(), accessToken: await given.tenant.sign({ aud: 'https://other.example/' }) };
    writeFileSync(file, JSON.stringify({ ...kept, refreshToken: undefined }));
    const served = await serveTools(given);
    stops.push(() => served.client.close());
    for (let times = 0; times < 2; times++) {
      const { error } = await call(served.client, 'whoami');
      assert.match(error ?? '', /The token is not for the API .*omnispindle login/s);
    }
    assert.equal(visits(given.directory).length, 1);
    assert.equal(session()['accessToken'], kept.accessToken);
    assert.equal(renewals(), 0);
  });

  it('does not send the same token again', async () => {
    await signIn();
    const server = await serve(refuseCalls);
    const client = connect(server);
    await client.begin();
    await client.call('tools/list');
    const lists = () => server.requests.filter(({ message }) => message?.['method'] === 'tools/list').length;
    assert.equal(lists(), 2);
    await client.call('tools/list');
    assert.equal(lists(), 3);
  });
});
