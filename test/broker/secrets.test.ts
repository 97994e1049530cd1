import assert from 'node:assert/strict';
import { createBrokerTokenSource } from '../../src/broker/client.ts';
import type { BrokerHost } from '../../src/broker/host.ts';
import { AuthError } from '../../src/auth/authError.ts';
import { addressVariable } from '../../src/broker/variables.ts';
import { failsWith } from '../auth/fixtures.ts';
import { openWindow, post, question, token } from './fixtures.ts';

describe('what the setting of a server says that may be a secret', () => {
  let window: BrokerHost;

  beforeEach(() => {
    window = openWindow(() => Promise.resolve(token('good')));
  });
  afterEach(() => window.dispose());

  it('[E2] reaches the server of that key through the broker, and no other', async () => {
    const secrets = { headers: { 'x-api-key': 'of this server' }, env: { KEY: 'its variable' } };
    const { env } = await window.grant('ada', { secrets: () => Promise.resolve(secrets) });
    const other = await window.grant('ada');
    const source = createBrokerTokenSource(env)!;
    assert.deepEqual(await source.secrets({}), secrets);
    const others = createBrokerTokenSource(other.env)!;
    assert.deepEqual(await others.secrets({}), { headers: undefined, env: undefined });
    source.dispose();
    others.dispose();
  });

  it('[E2] stays in the window where the key was taken back, or is none', async () => {
    const { env, revoke } = await window.grant('ada', {
      secrets: () => Promise.resolve({ headers: { 'x-api-key': 'secret' } }),
    });
    await revoke();
    const source = createBrokerTokenSource(env)!;
    await failsWith(source.secrets({}), 'session_lost');
    source.dispose();
    await assert.rejects(post(env, question(), { path: '/secrets' }));
    await assert.rejects(post(env, question(), { path: '/secrets', key: 'none' }));
  });

  it('[E2] comes with the reason where the window cannot find it', async () => {
    const { env } = await window.grant('ada', {
      secrets: () => Promise.reject(new AuthError('access_denied', 'Its secret is gone.')),
    });
    const source = createBrokerTokenSource(env)!;
    await failsWith(source.secrets({}), 'access_denied');
    source.dispose();
  });

  it('[E2] has a door for servers of the user alone: without its secret, or without a window that lets them in, there is no key', async () => {
    const { address, secret } = await window.openDoor();
    const env = { [addressVariable]: address };
    const join = question({ server: 'Loom', definition: 'hash' });
    await assert.rejects(post(env, join, { path: '/join', key: secret }), 'this window lets nobody in');
    const open = openWindow(() => Promise.resolve(token('good')), {
      join: ({ server }) => open.grant(server),
    });
    try {
      const door = await open.openDoor();
      const there = { [addressVariable]: door.address };
      const { body } = await post(there, join, { path: '/join', key: door.secret });
      assert.match(body, /^\{"type":"key","key":"[\w-]{43}"\}\n$/);
      await assert.rejects(post(there, join, { path: '/join', key: secret }));
      assert.equal((await post(there, question(), { path: '/token', key: door.secret })).status, 404);
      assert.equal((await post(there, question(), { path: '/join', key: door.secret })).status, 400);
    } finally {
      await open.dispose();
    }
  });
});
