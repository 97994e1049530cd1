import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { createTokenTimer } from '../../../src/bridge/local/tokenTimer.ts';

const day = 24 * 60 * 60 * 1_000;

describe('the timer of a local server’s token', () => {
  let due: number;
  const timer = createTokenTimer(() => due++);
  const tokenFor = (lifetime: number) => ({ expiresAt: Date.now() + lifetime, lifetime });
  beforeEach(() => {
    due = 0;
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  });
  afterEach(() => {
    timer.stop();
    mock.timers.reset();
  });

  it('goes off when a tenth of a short life is left, and never again by itself', () => {
    timer.plan(tokenFor(10_000));
    mock.timers.tick(9_000);
    assert.equal(due, 0);
    mock.timers.tick(20);
    assert.equal(due, 1);
    mock.timers.tick(day);
    assert.equal(due, 1);
  });

  it('goes off a minute before the end of a long life', () => {
    timer.plan(tokenFor(day));
    mock.timers.tick(day - 61_000);
    assert.equal(due, 0);
    mock.timers.tick(2_000);
    assert.equal(due, 1);
  });

  it('counts the last token only, and nothing once it is stopped', () => {
    timer.plan(tokenFor(10_000));
    timer.plan(tokenFor(100_000));
    mock.timers.tick(50_000);
    assert.equal(due, 0);
    timer.stop();
    mock.timers.tick(day);
    assert.equal(due, 0);
  });

  it('goes off at once for a token that has ended already', () => {
    timer.plan({ expiresAt: Date.now() - 1, lifetime: 10_000 });
    mock.timers.tick(20);
    assert.equal(due, 1);
  });

  it('does not go off for a token of which nobody knows when it ends, or one that lives for months', () => {
    timer.plan({});
    mock.timers.tick(day);
    timer.plan(tokenFor(60 * day));
    mock.timers.tick(day);
    assert.equal(due, 0);
  });
});
