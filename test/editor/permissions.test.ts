import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { createPermissions } from '../../src/editor/permissions.ts';
import type { SignInEvent } from '../../src/sessions/signInEvent.ts';
import { signInWords } from '../../src/sessions/signInWords.ts';
import { failsWith } from '../auth/fixtures.ts';

describe('what a person lets a server do', () => {
  let asked: number;
  let answer: PromiseWithResolvers<boolean>;
  let may: ReturnType<typeof createPermissions>;
  const ask = () => {
    asked++;
    return answer.promise;
  };
  function says(yes: boolean): void {
    answer.resolve(yes);
    answer = Promise.withResolvers();
  }

  beforeEach(() => {
    asked = 0;
    answer = Promise.withResolvers();
    may = createPermissions();
  });
  afterEach(() => mock.timers.reset());

  it('[E1] is asked once for all calls that wait, who are told so', async () => {
    const told: SignInEvent[] = [];
    const calls = ['one', 'two', 'three'].map(() =>
      may('Loom', { onProgress: event => void told.push(event) }, ask),
    );
    await new Promise(setImmediate);
    says(true);
    assert.deepEqual(await Promise.all(calls), [true, true, true]);
    assert.equal(asked, 1);
    assert.deepEqual(told.map(signInWords), Array(3).fill('Waiting for your answer in the editor.'));
  });

  it('[E1] is not asked again for five minutes after a no, and then it is', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const first = may('Loom', {}, ask);
    await new Promise(setImmediate);
    says(false);
    assert.equal(await first, false);
    for (let times = 0; times < 3; times++) assert.equal(await may('Loom', {}, ask), false);
    assert.equal(asked, 1);
    mock.timers.tick(5 * 60_000);
    const again = may('Loom', {}, ask);
    await new Promise(setImmediate);
    says(true);
    assert.equal(await again, true);
  });

  it('[E1] is asked for another thing after a no', async () => {
    const first = may('Loom', {}, ask);
    await new Promise(setImmediate);
    says(false);
    await first;
    const other = may('Bank', {}, ask);
    await new Promise(setImmediate);
    says(true);
    assert.deepEqual([await other, await may('Loom', {}, ask)], [true, false]);
  });

  it('[E1] is not asked for a silent request, which hears the same before and after a no', async () => {
    await failsWith(may('Loom', { silent: true }, ask), 'login_required');
    const first = may('Loom', {}, ask);
    await new Promise(setImmediate);
    says(false);
    await first;
    await failsWith(may('Loom', { silent: true }, ask), 'login_required');
    assert.equal(asked, 1);
  });

  it('[E1] goes on to be asked where a call that waited has gone', async () => {
    const stop = new AbortController();
    const gone = failsWith(may('Loom', { signal: stop.signal }, ask), 'cancelled');
    await new Promise(setImmediate);
    stop.abort();
    await gone;
    const other = may('Loom', {}, ask);
    says(true);
    assert.deepEqual([await other, asked], [true, 1]);
  });
});
