import assert from 'node:assert/strict';
import { initiateDeviceAuthorization, type DeviceAuthorizationResponse } from 'openid-client';
import { pollForTokens } from '../../src/auth/devicePolling.ts';
import { discover } from '../../src/auth/discovery.ts';
import { defaultScopes } from '../../src/auth/tenant.ts';
import { signInByForm } from '../tenant/browserless.ts';
import { startTenant, type DemoTenant, type ScriptedAnswer } from '../tenant/tenant.ts';
import { failsWith, memoryLog } from './fixtures.ts';

const html = { 'content-type': 'text/html' };
const broken: Record<string, ScriptedAnswer> = {
  'a reset': 'reset',
  '429 in JSON, with Retry-After': {
    status: 429,
    headers: { 'retry-after': '1' },
    body: { error: 'too_many_requests', error_description: 'Global limit has been reached' },
  },
  '429 as the management API has it': { status: 429, body: { statusCode: 429, error: 'Too Many Requests' } },
  '429 of a firewall': { status: 429, headers: html, body: '<h1>Slow down</h1>' },
  '500 in JSON': { status: 500, body: { error: 'server_error', error_description: 'Oops' } },
  '502 of a gateway': { status: 502, headers: html, body: '<h1>502 Bad Gateway</h1>' },
  '503, with a date to retry after': {
    status: 503,
    headers: { ...html, 'retry-after': new Date(0).toUTCString() },
    body: '',
  },
  '504 in JSON': { status: 504, body: { message: 'Endpoint request timed out' } },
  '403 of a firewall': { status: 403, headers: html, body: '<h1>Blocked</h1>' },
  'a garbled body': { status: 200, body: '{"access_token":' },
  'a page in place of JSON': { status: 200, headers: html, body: '<h1>It works!</h1>' },
  'a redirect to a captive portal': { status: 302, headers: { location: 'http://wifi.example/' }, body: '' },
};

describe('the polling of a device sign-in', () => {
  const tenants: DemoTenant[] = [];
  afterEach(async () => {
    await Promise.all(tenants.splice(0).map(tenant => tenant.close()));
  });

  async function begin(
    answers: readonly ScriptedAnswer[],
    wish: Partial<DeviceAuthorizationResponse> = {},
    { isSignedIn = false } = {},
  ) {
    const tenant = await startTenant();
    tenants.push(tenant);
    const configuration = await discover(tenant);
    const device = await initiateDeviceAuthorization(configuration, {
      scope: defaultScopes.join(' '),
      audience: tenant.audience,
    });
    if (isSignedIn) await signInByForm(device.verification_uri_complete ?? '');
    const stop = new AbortController();
    tenant.answerTokenRequests(answers);
    const log = memoryLog();
    const tokens = pollForTokens({
      configuration,
      device: { ...device, interval: 1, ...wish },
      tenant,
      log,
      signal: stop.signal,
      second: 100,
    });
    tokens.catch(() => undefined);
    return { tenant, device, tokens, stop, log };
  }

  it('[W13] goes on after a poll that the network, a limit or a gateway has broken', async () => {
    const failed = await Promise.all(
      Object.entries(broken).map(async ([what, answer]) => {
        // So that the poll after the broken one has the tokens.
        const { tenant, tokens } = await begin([answer], {}, { isSignedIn: true });
        const outcome = await tokens.then(
          ({ access_token }) => access_token !== '',
          (error: unknown) => error,
        );
        return outcome === true && tenant.counters()['token'] === 2 ? [] : [[what, outcome]];
      }),
    );
    assert.deepEqual(failed.flat(), []);
  });

  it('[W13] asks more slowly after each broken poll, and after slow_down', async () => {
    const outages = await begin(['reset', 'reset', 'reset', 'reset'], { expires_in: 5 });
    const slowed = await begin(
      [{ status: 429, body: { error: 'slow_down', error_description: 'You are polling faster' } }],
      { expires_in: 5 },
    );
    await failsWith(outages.tokens, 'tenant_unreachable');
    // After 1, 3 and, where the time is over, 5 seconds; every second would be five times.
    assert.ok((outages.tenant.counters()['token'] ?? 0) <= 3);
    await failsWith(slowed.tokens, 'timed_out', /Try again for a new one/);
    assert.ok((slowed.tenant.counters()['token'] ?? 0) <= 2);
  });

  it('[W13] ends at once where the tenant itself refuses, with what it says', async () => {
    for (const [error, code] of [
      ['access_denied', 'access_denied'],
      ['expired_token', 'timed_out'],
      ['invalid_grant', 'login_required'],
      ['unauthorized_client', 'invalid_settings'],
    ] as const) {
      const body = { error, error_description: 'The house is full.' };
      const { tenant, tokens } = await begin([{ status: 403, body }]);
      await failsWith(tokens, code, /The house is full\./);
      assert.equal(tenant.counters()['token'], 1, error);
    }
  });

  it('[W13] leaves no session behind whose tokens were lost on the way', async () => {
    const { tenant, device, tokens } = await begin([]);
    tenant.dropNextTokenAnswer();
    await signInByForm(device.verification_uri_complete ?? '');
    await failsWith(tokens, 'tenant_unreachable');
    assert.equal(await tenant.liveSessions(), 0);
  });

  it('[W13] ends where it is cancelled while it waits, and asks no more', async () => {
    const { tenant, tokens, stop, log } = await begin(['reset', 'reset', 'reset']);
    while (log.lines.length === 0) await new Promise(resolve => setTimeout(resolve, 20));
    const reason = new Error('enough');
    stop.abort(reason);
    await assert.rejects(tokens, reason);
    assert.equal(tenant.counters()['token'], 1);
  });
});
