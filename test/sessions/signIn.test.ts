import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { Flow } from '../../src/auth/flows/flow.ts';
import type { FlowName } from '../../src/auth/flows/names.ts';
import { by, elsewhere, endsWith, failing, granting, here, loginPage, signInBy, waiting } from './flows.ts';

describe('the sign-in flows', () => {
  it('are tried in order, the first that fits the surroundings first', async () => {
    const flows: [FlowName, Flow['run']][] = [
      ['deviceCode', granting('deviceCode')],
      ['loopback', granting('loopback')],
      ['uriHandler', granting('uriHandler')],
    ];
    for (const [surroundings, name] of [
      [here, 'uriHandler'],
      [{ host: 'terminal', browserReachesLoopback: true }, 'loopback'],
      [{ host: 'browser', browserReachesLoopback: false }, 'deviceCode'],
    ] as const) {
      assert.equal(await by(signInBy(flows, { surroundings }).granted), name);
    }
  });

  for (const code of ['flow_unavailable', 'port_in_use', 'callback_mismatch'] as const) {
    it(`lead to the next one where one cannot work (${code}), and say why`, async () => {
      const { granted, progress } = signInBy([
        ['loopback', failing(code)],
        ['deviceCode', granting('deviceCode')],
      ]);
      assert.equal(await by(granted), 'deviceCode');
      assert.deepEqual(progress, [`It is ${code}.`]);
    });
  }

  it('end with the first failure that another flow would not avoid', async () => {
    for (const code of [
      'access_denied',
      'tenant_unreachable',
      'invalid_response',
      'invalid_settings',
    ] as const) {
      const { granted } = signInBy([
        ['loopback', failing(code)],
        ['deviceCode', granting('deviceCode')],
      ]);
      await endsWith(granted, code);
    }
  });

  it('say why the last of them failed, and what to do where there is none', async () => {
    await endsWith(signInBy([['loopback', failing('port_in_use')]]).granted, 'port_in_use');
    const none = signInBy([['loopback', granting('loopback')]], { surroundings: elsewhere });
    await endsWith(none.granted, 'flow_unavailable', /omnispindle login --device/);
  });

  it('are the one that the settings name, whatever the surroundings', async () => {
    const { granted } = signInBy(
      [
        ['uriHandler', granting('uriHandler')],
        ['loopback', granting('loopback')],
      ],
      { flow: 'loopback', surroundings: elsewhere },
    );
    assert.equal(await by(granted), 'loopback');
  });

  it('go on with a code where the person asks for one, even if the settings name another flow', async () => {
    const { granted, shown, open } = signInBy(
      [
        ['uriHandler', waiting],
        ['loopback', granting('loopback')],
        ['deviceCode', granting('deviceCode')],
      ],
      { flow: 'uriHandler' },
    );
    (await shown).alsoTry('deviceCode');
    assert.equal(await by(granted), 'deviceCode');
    assert.equal(open(), 0, 'nothing says any more that it waits');
  });

  it('end where the person or the caller cancels', async () => {
    const person = signInBy([['loopback', waiting]]);
    const { flow, url, cancel } = await person.shown;
    assert.deepEqual([flow, url], ['loopback', loginPage]);
    cancel();
    await endsWith(person.granted, 'cancelled');
    const caller = signInBy([['loopback', waiting]]);
    await caller.shown;
    caller.stop.abort();
    await endsWith(caller.granted, 'cancelled');
    assert.equal(person.open() + caller.open(), 0);
  });

  it('end after five minutes', async () => {
    const limit = new AbortController();
    const timeout = mock.method(AbortSignal, 'timeout', () => limit.signal);
    try {
      const { granted, shown } = signInBy([['loopback', waiting]]);
      await shown;
      assert.deepEqual(timeout.mock.calls[0]?.arguments, [300_000]);
      limit.abort();
      await endsWith(granted, 'timed_out', /five minutes/);
    } finally {
      timeout.mock.restore();
    }
  });

  it('say why only a device code works here', async () => {
    const { granted, progress } = signInBy([['deviceCode', granting('deviceCode')]], {
      surroundings: { host: 'terminal', browserReachesLoopback: false, reason: 'This is an SSH session.' },
    });
    await granted;
    assert.deepEqual(progress, ['This is an SSH session.']);
  });
});
