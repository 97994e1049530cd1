import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseSession } from '../../src/sessions/parseSession.ts';
import type { Session } from '../../src/sessions/session.ts';
import { call, visits, type Served } from './fixtures.ts';
import { useServers } from './useServers.ts';

const long = 3_600;

describe('running servers', () => {
  // Before the servers are closed, since a stopped one cannot end: hooks run in the order they come in.
  afterEach(() => {
    signalAll('SIGCONT');
  });
  const given = useServers();

  /** Starts so many, signed in with a token of so many seconds; the counters begin afterwards. */
  async function start(count: number, lifetime: number): Promise<Served[]> {
    given.tenant.setTokenLifetime(lifetime);
    const servers = await Promise.all(Array.from({ length: count }, () => given.start()));
    assert.deepEqual(await everyAnswer(), ['ada@example.com']);
    given.tenant.resetCounters();
    return servers;
  }
  const answer = async ({ client }: Served) => {
    const { result, error } = await call(client, 'whoami');
    return (result?.['email'] ?? error) as string;
  };
  const everyAnswer = async () => [...new Set(await Promise.all(given.running.map(answer)))];
  const signalAll = (signal: NodeJS.Signals) => {
    for (const { pid } of given.running) process.kill(pid, signal);
  };
  const renewals = () => given.tenant.counters()['token:refresh_token'] ?? 0;
  const tabs = () => visits(given.directory).length;

  function session(): Session {
    const sessions = join(given.directory, 'data', 'sessions');
    const [name = ''] = readdirSync(sessions).filter(file => file.endsWith('.json'));
    const found = parseSession(readFileSync(join(sessions, name), 'utf8'));
    assert.ok(found);
    return found;
  }

  it('share one sign-in after a renewal whose answer was lost', async () => {
    await start(6, 1);
    await delay(1_000);
    given.tenant.setTokenLifetime(long);
    given.tenant.dropNextTokenAnswer();
    // Whoever shared the lost renewal is told so once; the next call signs in.
    const lost = (await Promise.all(given.running.map(answer))).filter(text => text !== 'ada@example.com');
    assert.ok(lost.length > 0);
    for (const message of lost) assert.match(message, /could not be reached.*then try again/);
    assert.deepEqual(await everyAnswer(), ['ada@example.com']);
    assert.equal(tabs(), 2);
    assert.equal(given.tenant.counters()['token:authorization_code'], 1);
  });

  it('renew before the token ends while they are in use', async () => {
    await start(2, 5);
    // Again where this machine was too slow to use a token in the last tenth of its life.
    for (let early = false; !early; await delay(50)) {
      const before = session();
      const asked = Date.now();
      assert.deepEqual(await everyAnswer(), ['ada@example.com']);
      const after = session();
      early = after.accessToken !== before.accessToken && after.expiresAt - after.lifetime < before.expiresAt;
      assert.ok(after.accessToken !== before.accessToken || asked < before.expiresAt - before.lifetime / 10);
    }
  });

  it('do not renew while they are idle, and renew once when they are used again', async () => {
    await start(4, 1);
    await delay(4_000);
    assert.deepEqual(given.tenant.counters(), {});
    given.tenant.setTokenLifetime(long);
    assert.deepEqual(await everyAnswer(), ['ada@example.com']);
    assert.equal(renewals(), 1);
    assert.equal(tabs(), 1);
  });

  it('renew once after all slept past the end of the token', async () => {
    await start(4, 1);
    signalAll('SIGSTOP');
    const calls = everyAnswer();
    await delay(2_000);
    given.tenant.setTokenLifetime(long);
    signalAll('SIGCONT');
    assert.deepEqual(await calls, ['ada@example.com']);
    assert.equal(renewals(), 1);
    assert.equal(tabs(), 1);
  });

  it('find after sleep the token that the others have renewed in between', async () => {
    const [sleeper, ...others] = await start(3, 1);
    process.kill(sleeper!.pid, 'SIGSTOP');
    await delay(1_000);
    given.tenant.setTokenLifetime(long);
    assert.deepEqual(await Promise.all(others.map(answer)), ['ada@example.com', 'ada@example.com']);
    process.kill(sleeper!.pid, 'SIGCONT');
    assert.equal(await answer(sleeper!), 'ada@example.com');
    assert.equal(renewals(), 1);
    assert.equal(tabs(), 1);
  });

  it('go on without one that fell asleep while it renewed, whose late answer does no harm', async () => {
    const [sleeper, other] = await start(2, 1);
    await delay(1_000);
    given.tenant.holdTokenAnswers();
    const late = answer(sleeper!);
    while (renewals() === 0) await delay(10);
    process.kill(sleeper!.pid, 'SIGSTOP');
    given.tenant.releaseTokenAnswers();
    given.tenant.setTokenLifetime(4);
    // The tenant takes the second renewal for a theft, so the person signs in once.
    assert.equal(await answer(other!), 'ada@example.com');
    assert.equal(tabs(), 2);
    process.kill(sleeper!.pid, 'SIGCONT');
    assert.equal(await late, 'ada@example.com');
    await delay(4_000);
    given.tenant.setTokenLifetime(long);
    assert.deepEqual(await everyAnswer(), ['ada@example.com']);
    assert.equal(tabs(), 2);
  });

  it('say that the tenant is down for longer than a token lives, and recover by themselves', async () => {
    await start(4, 1);
    given.tenant.setMode('down');
    await delay(1_000);
    for (const message of await everyAnswer()) {
      assert.match(message, /^http:\/\/localhost:\d+ could not be reached .*Check the network.*try again/);
    }
    given.tenant.setTokenLifetime(long);
    given.tenant.setMode('normal');
    assert.deepEqual(await everyAnswer(), ['ada@example.com']);
    assert.equal(renewals(), 1);
    assert.equal(tabs(), 1);
  });

  it('complete every call, after one sign-in, when the tenant ended the session during work', async () => {
    await start(4, 2);
    let stop = false;
    let added = 0;
    const work = given.running.map(async ({ client, pid }) => {
      for (let count = 0; !stop; count++) {
        const description = `Todo ${String(count)} of ${String(pid)}`;
        const { error } = await call(client, 'add_todo', { description, project: 'work' });
        assert.equal(error, undefined);
        added++;
        await delay(50);
      }
    });
    while (added < given.running.length) await delay(50);
    await given.tenant.revokeSessions();
    while (!given.tenant.counters()['token:authorization_code']) await delay(50);
    const before = added;
    while (added < before + given.running.length) await delay(50);
    stop = true;
    await Promise.all(work);
    const { result } = await call(given.running[0]!.client, 'query_todos');
    assert.equal(result?.['total'], added);
    assert.equal(tabs(), 2);
  });
});
