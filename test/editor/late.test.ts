import assert from 'node:assert/strict';
import { createBrokerHost } from '../../src/broker/host.ts';
import { noLog } from '../../src/common/log.ts';
import { late } from '../../src/editor/late.ts';
import { lateBroker } from '../../src/editor/lateBroker.ts';

describe('a part that is loaded late', () => {
  it('is the same for all, however many ask at once', async () => {
    let loads = 0;
    const part = late(() => Promise.resolve({ number: ++loads }));
    const [one, other] = await Promise.all([part(), part()]);
    assert.equal(one, other);
    assert.equal(await part(), one);
    assert.equal(loads, 1);
  });

  it('begins to load only when whoever asks has gone on: reading and compiling takes time at once', async () => {
    let hasBegun = false;
    const part = late(() => Promise.resolve((hasBegun = true)));
    const asked = part();
    await Promise.resolve();
    assert.equal(hasBegun, false);
    assert.equal(await asked, true);
  });

  it('is loaded at the next call where a load has failed', async () => {
    let loads = 0;
    const part = late(() => (++loads === 1 ? Promise.reject(new Error('gone')) : Promise.resolve('here')));
    await assert.rejects(part(), /gone/);
    assert.equal(await part(), 'here');
  });
});

describe('a broker that is loaded late', () => {
  function start() {
    let loads = 0;
    const broker = lateBroker(() => {
      loads++;
      return Promise.resolve(
        createBrokerHost({ getToken: () => Promise.reject(new Error('none')), log: noLog }),
      );
    });
    return { broker, loads: () => loads };
  }

  it('is not loaded by news that nobody can be told of', () => {
    const { broker, loads } = start();
    broker.invalidate();
    assert.equal(loads(), 0);
  });

  it('gives keys of one host, whoever comes first', async () => {
    const { broker, loads } = start();
    try {
      const [one, other] = await Promise.all([broker.grant('ada'), broker.grant('grace')]);
      assert.equal(loads(), 1);
      assert.equal(one.env['OMNISPINDLE_BROKER'], other.env['OMNISPINDLE_BROKER']);
    } finally {
      await broker.dispose();
    }
  });

  it('gives none once its window is closing, also where nobody has needed it before', async () => {
    const { broker } = start();
    await broker.dispose();
    await assert.rejects(broker.grant('ada'), { code: 'cancelled' });
    await assert.rejects(broker.openDoor(), { code: 'cancelled' });
  });
});
