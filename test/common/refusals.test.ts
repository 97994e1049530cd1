import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { createRefusals, isRecentAnswer } from '../../src/common/refusals.ts';

const minute = 60_000;

describe('a person’s no', () => {
  beforeEach(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
  afterEach(() => mock.timers.reset());

  it('[E1] counts for five minutes, for what it was said to alone', () => {
    const refusals = createRefusals();
    refusals.add('loom');
    mock.timers.tick(5 * minute - 1);
    assert.deepEqual([refusals.has('loom'), refusals.has('bank')], [true, false]);
    mock.timers.tick(1);
    assert.equal(refusals.has('loom'), false);
  });

  it('[E1] counts for five minutes from the last one on', () => {
    const refusals = createRefusals();
    refusals.add('loom');
    mock.timers.tick(4 * minute);
    refusals.add('loom');
    mock.timers.tick(4 * minute);
    assert.equal(refusals.has('loom'), true);
  });

  it('[E1] is taken back, one or all of them', () => {
    const refusals = createRefusals();
    for (const key of ['loom', 'bank', 'notes']) refusals.add(key);
    refusals.forget('loom');
    assert.deepEqual([refusals.has('loom'), refusals.has('bank')], [false, true]);
    refusals.forget();
    assert.deepEqual([refusals.has('bank'), refusals.has('notes')], [false, false]);
  });

  it('[E1] does not count where the clock was set back behind it', () => {
    const now = Date.now();
    assert.deepEqual([undefined, now + 1, now, now - 5 * minute + 1, now - 5 * minute].map(isRecentAnswer), [
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  it('[E1] is remembered for the last 64 questions, and for no more', () => {
    const refusals = createRefusals();
    for (let number = 0; number < 65; number++) refusals.add(String(number));
    assert.deepEqual([refusals.has('0'), refusals.has('1'), refusals.has('64')], [false, true, true]);
  });
});
