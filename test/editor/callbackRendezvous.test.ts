import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createCallbackRendezvous } from '../../src/editor/callbackRendezvous.ts';
import { memoryLog, useDirectory } from '../auth/fixtures.ts';

describe('the rendezvous of windows', () => {
  const directory = useDirectory();

  const window = () => createCallbackRendezvous(join(directory.path, 'callbacks'), memoryLog());
  const callback = (state: string) => new URLSearchParams({ code: 'code', state });

  for (const [name, receives] of [
    ['the window that waits', (waiting: ReturnType<typeof window>) => waiting],
    ['another window', () => window()],
  ] as const) {
    it(`brings a callback that ${name} gets to the window that waits`, async () => {
      const waiting = window();
      const { promise, resolve } = Promise.withResolvers<URLSearchParams>();
      const wait = await waiting.wait('mine', resolve);
      assert.equal(await receives(waiting).deliver(callback('mine')), true);
      assert.equal((await promise).get('code'), 'code');
      wait.dispose();
    });
  }

  it('takes no callback that nobody waits for: another state, none, or one that is over', async () => {
    const waiting = window();
    const got: unknown[] = [];
    const wait = await waiting.wait('mine', query => got.push(query));
    for (const state of ['another', '', '../mine']) {
      assert.equal(await window().deliver(callback(state)), false);
      assert.equal(await waiting.deliver(callback(state)), false);
    }
    wait.dispose();
    while (readdirSync(join(directory.path, 'callbacks')).length > 0) await delay(5);
    assert.equal(await window().deliver(callback('mine')), false);
    assert.deepEqual(got, []);
  });

  it('keeps what passes through it for its user only, and names no state', async () => {
    const wait = await window().wait('mine', () => undefined);
    const callbacks = join(directory.path, 'callbacks');
    const [name = ''] = readdirSync(callbacks);
    assert.equal(statSync(callbacks).mode & 0o777, 0o700);
    assert.equal(statSync(join(callbacks, name)).mode & 0o777, 0o600);
    assert.ok(!name.includes('mine'));
    wait.dispose();
  });
});
