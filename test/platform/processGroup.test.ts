import assert from 'node:assert/strict';
import { once } from 'node:events';
import { treeKill, startGroup } from '../../src/platform/processGroup.ts';
import { processesWith } from '../terminal/processes.ts';
import { itNeeds } from '../needs.ts';

describe('a process group', () => {
  it('[T16] is ended on Windows by the system’s own program, whatever else the path has by that name', () => {
    assert.deepEqual(treeKill(42, { SystemRoot: 'D:\\Windows', PATH: 'C:\\evil' }), [
      'D:\\Windows\\System32\\taskkill.exe',
      ['/PID', '42', '/T', '/F'],
    ]);
    assert.equal(treeKill(42, {})[0], 'C:\\Windows\\System32\\taskkill.exe');
  });

  itNeeds(
    ['Linux'],
    '[T16] has one end, however often it is asked for, and what guarded it is gone with it',
    async () => {
      const group = startGroup('cat', [], { env: { GROUP_ID: 'omnispindle-test-group' } });
      await once(group.child, 'spawn');
      assert.equal(processesWith('GROUP_ID=omnispindle-test-group').length, 1);
      const listeners = process.listenerCount('exit');
      await Promise.all([group.end(), group.end('SIGTERM')]);
      assert.equal(processesWith('GROUP_ID=omnispindle-test-group').length, 0);
      assert.equal(process.listenerCount('exit'), listeners - 1);
    },
  );

  itNeeds(['Linux'], '[T16] has no guard that shows or keeps what the server was given', async () => {
    const group = startGroup('cat', ['--', '-', 'S3CRET-argument'], { env: { TOKEN: 'S3CRET-value' } });
    await once(group.child, 'spawn');
    assert.deepEqual(
      processesWith('S3CRET-value').map(({ pid }) => pid),
      [group.child.pid],
    );
    await group.end();
  });
});
