import assert from 'node:assert/strict';
import { deviceCodeFlow } from '../../../src/auth/flows/deviceCode.ts';
import type { DeviceCode, Grant } from '../../../src/auth/flows/flow.ts';
import { defaultScopes, type Tenant } from '../../../src/auth/tenant.ts';
import { signInByForm } from '../../tenant/browserless.ts';
import { useTenant } from '../../tenant/useTenant.ts';
import { failsWith, memoryLog } from '../fixtures.ts';

describe('the device code flow', () => {
  const given = useTenant();

  /** Begins a sign-in, and gives what the person is shown. */
  function begin(at: Tenant = given.tenant) {
    const stop = new AbortController();
    const { promise: shown, resolve } = Promise.withResolvers<DeviceCode>();
    const granted: Promise<Grant> = deviceCodeFlow.run({
      tenant: at,
      audience: at.audience,
      scopes: defaultScopes,
      hints: {},
      log: memoryLog(),
      signal: stop.signal,
      ui: {
        openBrowser: () => Promise.reject(new Error('not asked for')),
        showDeviceCode: code => {
          resolve(code);
          return Promise.resolve();
        },
      },
    });
    granted.catch(() => undefined);
    return { shown, granted, stop };
  }

  it('shows a code and where to enter it, and grants a session for the API', async () => {
    const { shown, granted } = begin();
    const { userCode, verificationUri, verificationUriComplete = '', expiresAt } = await shown;
    assert.equal(verificationUri, `${given.tenant.domain}/activate`);
    assert.ok(verificationUriComplete.includes(userCode));
    assert.ok(expiresAt > Date.now());
    await signInByForm(verificationUriComplete);
    const { account, accessToken, refreshToken } = await granted;
    assert.deepEqual(account, {
      id: 'auth0|ada',
      label: given.tenant.user.email,
      name: given.tenant.user.name,
      email: given.tenant.user.email,
    });
    const [, payload = ''] = accessToken.split('.');
    const { aud } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { aud?: unknown };
    assert.equal(aud, given.tenant.audience);
    assert.ok(refreshToken);
  });

  it('ends where the person refuses', async () => {
    const { shown, granted } = begin();
    await signInByForm((await shown).verificationUriComplete ?? '', 'cancel');
    await failsWith(granted, 'access_denied', /Try again/);
  });

  it('stops at once when it is cancelled', async () => {
    const { shown, granted, stop } = begin();
    await shown;
    const reason = new Error('enough');
    stop.abort(reason);
    await assert.rejects(granted, reason);
  });

  it('says what to do where the tenant is down, answers garbage, or knows no such API', async () => {
    await failsWith(
      begin({ ...given.tenant, audience: 'https://unknown.example/' }).granted,
      'invalid_settings',
      /AUTH0_AUDIENCE/,
    );
    given.tenant.setMode('down');
    await failsWith(begin().granted, 'tenant_unreachable', /could not be reached/);
    given.tenant.setMode('garbage');
    await failsWith(begin().granted, 'invalid_response', /did not answer like an Auth0 tenant/);
  });
});
