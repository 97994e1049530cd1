import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { parseSession } from '../../src/sessions/parseSession.ts';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { freePort } from '../freePort.ts';
import { startRemoteServer, type RemoteServer } from '../bridge/remote/remoteServer.ts';
import { tenantControl } from '../tenant/control.ts';
import { audience, clientId } from '../tenant/tenant.ts';
import { call, run, visits } from '../terminal/fixtures.ts';
import {
  startCommand,
  startConnect,
  startServer,
  startTenantProcess,
  startWindow,
  lifetime,
  type Party,
  type ServerParty,
  type WindowParty,
  type World,
} from './parties.ts';
import { signInLedger } from './signIns.ts';
import { describeNeeds } from '../needs.ts';

const kills = 200;
const servers = 4;
/** Which of the servers gets its tokens from an editor's window. */
const windowed = 0;
const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);

/** One act of chaos. */
const act = fc.record({
  pause: fc.nat({ max: 300 }),
  besides: fc.oneof(
    { weight: 8, arbitrary: fc.constant('nothing' as const) },
    { weight: 1, arbitrary: fc.constantFrom('lost answer', 'login', 'logout', 'token') },
  ),
  victim: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('server', 'renewing server') },
    { weight: 1, arbitrary: fc.constantFrom('window', 'connect') },
    { weight: 1, arbitrary: fc.constantFrom('tenant', 'login', 'logout', 'token') },
  ),
  which: fc.nat({ max: servers - 1 }),
  /** Milliseconds into what it does. */
  moment: fc.nat({ max: 150 }),
});

describeNeeds(['a POSIX system'], 'chaos', function () {
  this.timeout(1_200_000);
  const directory = temporaryDirectory();
  const stateFile = join(directory.path, 'tenant.db');
  let port = 0;
  let world: World;
  let tenant: Party;
  let window: WindowParty;
  let serving: ServerParty[] = [];
  let remote: RemoteServer;
  let connected: Awaited<ReturnType<typeof startConnect>>;

  before(async () => {
    port = await freePort();
    const domain = `http://localhost:${String(port)}`;
    world = {
      surroundings: { tenant: { domain, clientId, audience }, directory: directory.path },
      ledger: signInLedger(),
      acknowledged: [],
      complaints: new Set(),
    };
    tenant = await startTenantProcess(port, stateFile);
    window = startWindow(world);
    remote = await startRemoteServer();
    serving = await Promise.all(Array.from({ length: servers }, (_, index) => startServing(index)));
    connected = await startConnect(world, remote.url);
  });
  after(async () => {
    await Promise.all([...serving, connected, window, tenant].map(party => party.kill()));
    await remote.stop();
    directory.remove();
  });

  const startServing = async (index: number) =>
    startServer(world, index === windowed ? await window.grant() : {});

  /** Who everybody's calls run as. */
  const everyAnswer = async () => {
    const answers = await Promise.all(serving.map(({ client }) => call(client, 'whoami')));
    await call(connected.client, 'echo', { text: 'hi' });
    const { sub } = decodeJwt(remote.requests.at(-1)?.authorization?.replace('Bearer ', '') ?? '');
    return [...new Set([...answers.map(({ result, error }) => result?.['sub'] ?? error), sub])];
  };

  it(`loses no session, token or todo when any party is killed ${String(kills)} times (CHAOS_SEED=${String(seed)})`, async () => {
    const { ledger } = world;
    const control = tenantControl(world.surroundings.tenant.domain);
    const commands: Party[] = [];
    let killed = 0;

    for (const { pause, besides, victim, which, moment } of fc.sample(act, { seed, numRuns: 2 * kills })) {
      if (killed === kills) break;
      await delay(pause);
      if (besides === 'lost answer') await control.dropNextTokenAnswer().catch(() => undefined);
      else if (besides !== 'nothing') commands.push(startCommand(world, besides));

      if (victim === 'tenant') {
        if (await tenant.kill()) killed++;
        await delay(moment);
        tenant = await startTenantProcess(port, stateFile);
      } else if (victim === 'window') {
        if (await window.kill()) killed++;
        // Its server is left alone, and says so, until the editor is open again.
        await delay(moment);
        await serving[windowed]!.kill();
        window = startWindow(world);
        serving[windowed] = await startServing(windowed);
      } else if (victim === 'connect') {
        if (await connected.kill()) killed++;
        connected = await startConnect(world, remote.url);
      } else if (victim === 'server' || victim === 'renewing server') {
        const renewing = serving.map(async server => {
          await server.renews();
          return server;
        });
        const any = delay(1_000, serving[which]);
        const server = victim === 'server' ? serving[which]! : await Promise.race([...renewing, any]);
        if (victim === 'renewing server') await delay(moment);
        if (await server.kill()) killed++;
        const index = serving.indexOf(server);
        serving[index] = await startServing(index);
      } else {
        const command = startCommand(world, victim);
        await delay(moment * 8);
        if (await command.kill()) killed++;
      }
    }
    assert.equal(killed, kills);
    await Promise.all(commands.map(({ gone }) => gone));
    await Promise.all([...serving, connected].map(party => party.rest()));
    // It forgets an answer it was still to lose.
    await tenant.kill();
    tenant = await startTenantProcess(port, stateFile);

    // What was cut short last may cost a sign-in; after it, nothing does.
    assert.deepEqual(await everyAnswer(), ['auth0|ada']);
    const begun = ledger.begun;
    for (let expiry = 0; expiry < 3; expiry++) {
      await delay(lifetime * 1_000);
      assert.deepEqual(await everyAnswer(), ['auth0|ada']);
    }
    const token = await run(world.surroundings, 'token');
    assert.equal(token.stdout.trim().split('.').length, 3, token.stderr);
    assert.equal(ledger.begun, begun);
    assert.deepEqual(ledger.unexplained(), []);
    assert.ok(visits(directory.path).length <= begun + ledger.unheard);
    console.log(
      `      ${String(begun)} sign-ins, ${String(ledger.lostRenewals)} renewals without an answer, ${String(world.acknowledged.length)} todos`,
    );
    const clear = /could not be reached|could not be fetched|window that started this server is closed/;
    assert.deepEqual(
      [...world.complaints].filter(complaint => !clear.test(complaint)),
      [],
    );
  });

  it('leaves every file whole and private', () => {
    const data = join(directory.path, 'data');
    const sessions = join(data, 'sessions');
    for (const path of [data, sessions]) assert.equal(statSync(path).mode & 0o777, 0o700);
    const files = [data, sessions]
      .flatMap(path => readdirSync(path, { withFileTypes: true }))
      .filter(entry => entry.isFile());
    for (const { parentPath, name } of files) {
      assert.equal(statSync(join(parentPath, name)).mode & 0o077, 0, name);
    }
    const kept = readdirSync(sessions).filter(name => name !== 'probe');
    assert.equal(kept.length, 1, kept.join());
    assert.ok(parseSession(readFileSync(join(sessions, kept[0]!), 'utf8')));
  });

  it('keeps every acknowledged todo, once', () => {
    const database = new DatabaseSync(join(directory.path, 'data', 'omnispindle.db'));
    assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
    database.exec(`INSERT INTO todo_tokens (todo_tokens) VALUES ('integrity-check')`);
    const todos = database
      .prepare('SELECT description FROM todo')
      .all()
      .map(row => String(row['description']));
    database.close();
    assert.equal(new Set(todos).size, todos.length);
    assert.deepEqual(
      world.acknowledged.filter(description => !todos.includes(description)),
      [],
    );
  });
});
