import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { DeviceCode, Flow, Grant, SignInUi, Surroundings } from '../../src/auth/flows/flow.ts';
import type { FlowName } from '../../src/auth/flows/names.ts';
import { unlessAborted } from '../../src/common/unlessAborted.ts';
import { by, elsewhere, endsWith, failing, granting, heldFlow, here, signInBy, waiting } from './flows.ts';

const code: DeviceCode = {
  userCode: 'ABCD-EFGH',
  verificationUri: 'https://login.example/activate',
  expiresAt: Date.now() + 60_000,
};
/** A flow that shows a code and waits for ever. */
const showingCode: Flow['run'] = async ({ ui, signal }) => {
  await ui.showDeviceCode(code, signal);
  return unlessAborted(new Promise<Grant>(() => undefined), signal);
};

describe('a sign-in flow beside another one', () => {
  const all = (run: Flow['run']) =>
    [
      ['uriHandler', run],
      ['loopback', waiting],
      ['deviceCode', waiting],
    ] as const;

  for (const [flow, surroundings, others] of [
    ['uriHandler', here, ['loopback', 'deviceCode']],
    ['uriHandler', elsewhere, ['deviceCode']],
    ['loopback', here, ['deviceCode']],
    ['deviceCode', here, []],
    ['uriHandler', { host: 'browser', browserReachesLoopback: false }, ['deviceCode']],
  ] satisfies [FlowName, Surroundings, FlowName[]][]) {
    it(`[E7] is offered while ${flow} waits on a ${surroundings.host} host: ${others.join(', ') || 'none'}`, async () => {
      const { shown, stop } = signInBy(all(waiting), { flow, surroundings });
      assert.deepEqual((await shown).others(), others);
      stop.abort();
    });
  }

  it('[E7] is not offered where the host does not have it, nor twice', async () => {
    const { shown, stop } = signInBy([
      ['uriHandler', waiting],
      ['deviceCode', waiting],
    ]);
    const wait = await shown;
    assert.deepEqual(wait.others(), ['deviceCode']);
    wait.alsoTry('deviceCode');
    assert.deepEqual(wait.others(), []);
    stop.abort();
  });

  for (const winner of ['uriHandler', 'loopback', 'deviceCode'] as const) {
    it(`[E7] goes on with the others until one of them is answered: ${winner}`, async () => {
      const held = [heldFlow('uriHandler'), heldFlow('loopback'), heldFlow('deviceCode')];
      const { granted, shown, open, log } = signInBy(held.map(({ flow }) => flow));
      const wait = await shown;
      wait.alsoTry('loopback');
      wait.alsoTry('deviceCode');
      const signals = await Promise.all(held.map(({ begun }) => begun));
      assert.equal(open(), 3);
      assert.ok(signals.every(({ aborted }) => !aborted));
      held.find(({ flow }) => flow[0] === winner)?.grant();
      assert.equal(await by(granted), winner);
      assert.ok(signals.every(({ aborted }) => aborted));
      await turn();
      assert.equal(open(), 0);
      assert.deepEqual(
        log.lines.filter(line => !line.startsWith('Signing in by')),
        [],
      );
    });
  }

  it('[E7] is begun once, however often the person asks for it, and not after the end', async () => {
    const [first, other] = [heldFlow('uriHandler'), heldFlow('deviceCode')];
    const { granted, shown } = signInBy([first.flow, other.flow, ['loopback', waiting]]);
    const wait = await shown;
    wait.alsoTry('deviceCode');
    wait.alsoTry('deviceCode');
    await other.begun;
    first.grant();
    assert.equal(await by(granted), 'uriHandler');
    wait.alsoTry('deviceCode');
    assert.equal(other.runs(), 1);
  });

  for (const failure of [
    'flow_unavailable',
    'port_in_use',
    'callback_mismatch',
    'invalid_settings',
    'timed_out',
    'server_error',
    'tenant_unreachable',
    'storage_failed',
  ] as const) {
    it(`[E7] is given up alone where it cannot work (${failure}), which is said, and may be tried again`, async () => {
      const first = heldFlow('uriHandler');
      const { granted, shown, told } = signInBy([first.flow, ['deviceCode', failing(failure)]]);
      const wait = await shown;
      wait.alsoTry('deviceCode');
      await turn();
      assert.deepEqual(told, [`uriHandler: It is ${failure}.`]);
      assert.deepEqual(wait.others(), ['deviceCode']);
      first.grant();
      assert.equal(await by(granted), 'uriHandler');
    });
  }

  it('[E7] goes on where the first one cannot work after all', async () => {
    const [first, other] = [heldFlow('uriHandler'), heldFlow('deviceCode')];
    const { granted, shown, told, open } = signInBy([first.flow, other.flow]);
    (await shown).alsoTry('deviceCode');
    await other.begun;
    first.fail('tenant_unreachable');
    await turn();
    assert.equal(open(), 1);
    assert.deepEqual(told, ['deviceCode: It is tenant_unreachable.']);
    other.grant();
    assert.equal(await by(granted), 'deviceCode');
  });

  it('[E7] is not begun a second time where the first one would lead to it', async () => {
    const [first, other] = [heldFlow('uriHandler'), heldFlow('deviceCode')];
    const { granted, shown } = signInBy([first.flow, other.flow]);
    (await shown).alsoTry('deviceCode');
    await other.begun;
    first.fail('callback_mismatch');
    await turn();
    other.grant();
    assert.equal(await by(granted), 'deviceCode');
    assert.equal(other.runs(), 1);
  });

  for (const answer of ['access_denied', 'account_mismatch'] as const) {
    for (const loser of ['uriHandler', 'deviceCode'] as const) {
      it(`[E7] ends with the other one where the person answered in ${loser} (${answer})`, async () => {
        const held = [heldFlow('uriHandler'), heldFlow('deviceCode')];
        const { granted, shown } = signInBy(held.map(({ flow }) => flow));
        (await shown).alsoTry('deviceCode');
        await Promise.all(held.map(({ begun }) => begun));
        held.find(({ flow }) => flow[0] === loser)?.fail(answer);
        await endsWith(granted, answer);
      });
    }
  }

  it('[E7] fails with the last of them', async () => {
    const [first, other] = [heldFlow('uriHandler'), heldFlow('deviceCode')];
    const { granted, shown } = signInBy([first.flow, other.flow]);
    (await shown).alsoTry('deviceCode');
    await other.begun;
    other.fail('timed_out');
    await turn();
    first.fail('invalid_response');
    await endsWith(granted, 'invalid_response');
  });

  it('[E8] is given up without a word where the person closes the dialog of its code', async () => {
    const first = heldFlow('uriHandler');
    const { granted, shown, told } = signInBy([first.flow, ['deviceCode', failing('cancelled')]]);
    const wait = await shown;
    wait.alsoTry('deviceCode');
    await turn();
    assert.deepEqual(told, ['uriHandler: given up']);
    assert.deepEqual(wait.others(), ['deviceCode']);
    first.grant();
    assert.equal(await by(granted), 'uriHandler');
  });
});

describe('a browser that does not open', () => {
  it('[E8] is told to who waits, and the sign-in goes on', async () => {
    const held = heldFlow('uriHandler');
    const { granted, told, progress } = signInBy([held.flow], {
      ui: { openBrowser: () => Promise.resolve(false) },
    });
    await held.begun;
    assert.deepEqual(told, ['uriHandler: not opened']);
    assert.match(progress.join(), /Open this address in a browser to sign in: https:\/\/login\.example/);
    held.grant();
    assert.equal(await by(granted), 'uriHandler');
  });

  for (const [what, flow, ui] of [
    ['a browser', ['uriHandler', waiting], { openBrowser: () => new Promise<never>(() => undefined) }],
    ['a code', ['deviceCode', showingCode], { showDeviceCode: () => new Promise<never>(() => undefined) }],
  ] as const) {
    it(`[E8] leaves the sign-in one that can be ended, where ${what} neither opens nor fails`, async () => {
      const { granted, stop, open } = signInBy([flow], { ui });
      await turn();
      stop.abort();
      await endsWith(granted, 'cancelled');
      assert.equal(open(), 0);
    });
  }

  it('[E8] can be cancelled by the person while it has not opened yet', async () => {
    const { granted, shown } = signInBy([['uriHandler', waiting]], {
      ui: { openBrowser: () => new Promise<never>(() => undefined) },
    });
    (await shown).cancel();
    await endsWith(granted, 'cancelled');
  });

  it('[E8] is preceded by a sign that its page is asked for, with which the sign-in can be cancelled', async () => {
    const signs: string[] = [];
    let cancel: (() => void) | undefined;
    const ui: Partial<SignInUi> = {
      preparing: stop => {
        signs.push('shown');
        cancel = stop;
        return { dispose: () => signs.push('gone') };
      },
    };
    const { promise: page, resolve: answer } = Promise.withResolvers<undefined>();
    const slow: Flow['run'] = async request => {
      await page;
      return waiting(request);
    };
    const first = signInBy([['uriHandler', slow]], { ui });
    await turn();
    assert.deepEqual(signs, ['shown']);
    answer(undefined);
    (await first.shown).cancel();
    await endsWith(first.granted, 'cancelled');
    assert.deepEqual(signs, ['shown', 'gone']);
    const second = signInBy([['uriHandler', () => new Promise<never>(() => undefined)]], { ui });
    await turn();
    cancel?.();
    await endsWith(second.granted, 'cancelled');
    assert.deepEqual(signs, ['shown', 'gone', 'shown', 'gone']);
  });

  it('[E8] leaves the code with who waits, and tells the dialog when it no longer counts', async () => {
    let signal: AbortSignal | undefined;
    const { granted, shown } = signInBy([['deviceCode', showingCode]], {
      ui: {
        showDeviceCode: (_code, counts) => {
          signal = counts;
          return Promise.resolve();
        },
      },
    });
    const wait = await shown;
    assert.deepEqual([wait.url, wait.code], [code.verificationUri, code]);
    assert.equal(signal?.aborted, false);
    wait.cancel();
    await endsWith(granted, 'cancelled');
    assert.ok(signal.aborted);
  });

  it('[E8] is no matter to a flow that needs none', async () => {
    assert.equal(await by(signInBy([['deviceCode', granting('deviceCode')]]).granted), 'deviceCode');
  });
});
