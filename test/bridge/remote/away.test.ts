import assert from 'node:assert/strict';
import { startInnerClient } from './innerClient.ts';
import type { LineClient } from './lineClient.ts';
import { startRemoteServer, type RemoteServer } from './remoteServer.ts';
import { legacySessions, streamableSessions } from './sessions.ts';
import { saying } from './useOddServer.ts';

for (const [name, transport, createSessions] of [
  ['Streamable HTTP', 'http-only', streamableSessions],
  ['HTTP+SSE', 'sse-only', legacySessions],
] as const) {
  describe(`the bridge of connect over ${name}, where the server stays away,`, () => {
    const backOff = [10, 20, 40];
    let remote: RemoteServer;
    let client: LineClient;
    beforeEach(async () => {
      remote = await startRemoteServer({ sessions: createSessions() });
      client = startInnerClient(remote.url, { transport, debug: true, limits: { backOff } });
      await client.begin();
    });
    afterEach(async () => {
      await client.stop();
      await remote.stop();
    });

    it('says so after each of its tries, and goes on when the server is back', async () => {
      assert.ok((await client.call('tools/list'))['result']);
      await remote.stop();
      assert.match(
        saying(await client.call('tools/list')),
        /could not be reached \(connect ECONNREFUSED 127\.0\.0\.1:\d+\)\. Check the network/,
      );
      const tries = client.stderr().match(/is away \(/g)?.length ?? 0;
      assert.ok(tries >= backOff.length, String(tries));
      await remote.startAgain();
      assert.ok((await client.call('tools/list'))['result']);
    });
  });
}
