import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createCallbackRendezvous } from '../../src/editor/callbackRendezvous.ts';
import { failsWith, memoryLog, useDirectory } from '../auth/fixtures.ts';
import { plantedDirectories, plantedFiles } from '../platform/plants.ts';
import { itNeeds } from '../needs.ts';

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

  for (const [name, { plant, says, needs }] of Object.entries(plantedFiles).filter(
    ([name]) => name !== 'a file without end',
  )) {
    itNeeds(
      needs,
      `[T7] writes no code into ${name}, in place of the file of a window that waits`,
      async () => {
        const wait = await window().wait('mine', () => undefined);
        const callbacks = join(directory.path, 'callbacks');
        const [file = ''] = readdirSync(callbacks);
        plant(join(callbacks, file));
        const log = memoryLog();
        assert.equal(await createCallbackRendezvous(callbacks, log).deliver(callback('mine')), false);
        assert.match(log.lines.join('\n'), says);
        for (const planted of readdirSync(callbacks)) {
          if (statSync(join(callbacks, planted)).isFile()) {
            assert.equal(readFileSync(join(callbacks, planted), 'utf8'), '', planted);
          }
        }
        wait.dispose();
      },
    );
  }

  for (const [name, { plant, says, needs }] of Object.entries(plantedDirectories)) {
    itNeeds(needs, `[T7] meets nobody where ${name} is in place of its directory`, async () => {
      const callbacks = join(directory.path, 'callbacks');
      const wait = await window().wait('mine', () => undefined);
      renameSync(callbacks, `${callbacks}-before`);
      plant(callbacks);
      const log = memoryLog();
      const planted = createCallbackRendezvous(callbacks, log);
      if (statSync(callbacks, { throwIfNoEntry: false })?.isDirectory()) {
        const [file = ''] = readdirSync(`${callbacks}-before`);
        renameSync(join(`${callbacks}-before`, file), join(callbacks, file));
      }
      assert.equal(await planted.deliver(callback('mine')), false);
      assert.match(log.lines.join('\n'), says);
      await failsWith(
        planted.wait('another', () => undefined),
        'storage_failed',
        says,
      );
      wait.dispose();
      rmSync(callbacks, { recursive: true });
    });
  }
});
