import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { text, useSurroundings } from './fixtures.ts';

describe('omnispindle connect, on a connection that its server closes as the next request comes,', () => {
  const here = useSurroundings();

  /** The server closes each connection that is used again; what comes on a new one passes. */
  function closeUsed() {
    const seen = new Set<Socket>();
    const counted = { lost: 0 };
    here.remote.intercept = ({ socket, method }) => {
      const isUsed = method === 'POST' && seen.has(socket);
      seen.add(socket);
      if (isUsed) {
        counted.lost++;
        socket.destroy();
      }
      return isUsed;
    };
    return counted;
  }

  it('[W7] asks again for what runs nothing', async () => {
    const connected = await here.connect();
    const counted = closeUsed();
    for (let times = 0; times < 3; times++) {
      const { tools } = await connected.client.listTools();
      assert.ok(tools.length > 0);
    }
    assert.ok(counted.lost > 0);
  });

  it('[W7] has learned, and calls tools on new connections', async () => {
    const connected = await here.connect();
    const counted = closeUsed();
    while (counted.lost === 0) await connected.client.listTools();
    const { lost } = counted;
    for (let times = 0; times < 3; times++) {
      assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
    }
    assert.equal(counted.lost, lost);
  });

  it('[W7] says that a call was lost, and does not send it again', async () => {
    const connected = await here.connect();
    await connected.client.listTools();
    let posts = 0;
    here.remote.intercept = ({ socket, method }) => {
      if (method !== 'POST') return false;
      posts++;
      socket.destroy();
      return true;
    };
    await assert.rejects(text(connected, 'echo', { text: 'hi' }), /was lost before the answer came/);
    assert.equal(posts, 1);
  });

  it('[W7] calls a tool on a new connection where the old one was not used for a while', async () => {
    const connected = await here.connect();
    const used = new Set<Socket>();
    here.remote.intercept = ({ socket }) => {
      used.add(socket);
      return false;
    };
    await text(connected, 'echo', { text: 'hi' });
    await delay(1_200);
    const before = new Set(used);
    used.clear();
    assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
    assert.deepEqual(
      [...used].filter(socket => before.has(socket)),
      [],
    );
  });
});
