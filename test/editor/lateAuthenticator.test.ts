import assert from 'node:assert/strict';
import { lateAuthenticator } from '../../src/editor/lateAuthenticator.ts';
import type { Authenticator } from '../../src/sessions/authenticator.ts';

type Listener = () => void;

/** Something that tells of changes. */
function changing() {
  const listeners = new Set<Listener>();
  return {
    fire: () => {
      for (const listener of listeners) listener();
    },
    onDidChange(listener: Listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
  };
}

describe('an authenticator that is loaded late', () => {
  function start() {
    const real = changing();
    let loads = 0;
    const authenticator = lateAuthenticator(async () => {
      loads++;
      await Promise.resolve();
      return { ...real, list: () => Promise.resolve([]) } as unknown as Authenticator;
    });
    return { authenticator, real, loads: () => loads };
  }

  it('is loaded once, by the first who asks', async () => {
    const { authenticator, loads } = start();
    assert.equal(loads(), 0);
    await Promise.all([authenticator.list(), authenticator.list()]);
    assert.equal(loads(), 1);
  });

  it('tells of each change once, whoever listens since before it was loaded or after', async () => {
    const { authenticator, real } = start();
    let heard = 0;
    const watching = authenticator.onDidChange(() => heard++);
    await authenticator.list();
    real.fire();
    assert.equal(heard, 1);
    authenticator.onDidChange(() => heard++);
    real.fire();
    assert.equal(heard, 3);
    watching.dispose();
    real.fire();
    assert.equal(heard, 4);
  });

  it('tells nobody who has gone before it was loaded', async () => {
    const { authenticator, real } = start();
    const watching = authenticator.onDidChange(() => assert.fail('It is told.'));
    watching.dispose();
    await authenticator.list();
    real.fire();
  });
});
