import { useDirectory } from '../../auth/fixtures.ts';
import type { DemoTenant, TenantOptions } from '../../tenant/tenant.ts';
import { callbackPort } from '../../tenant/callbackPort.ts';
import { useTenant } from '../../tenant/useTenant.ts';
import { createProfile, type Profile } from './profile.ts';
import { startExtension, type StandIn, type StandInOptions } from './startExtension.ts';

/** What tests in a stand-in of an editor stand on. Read it while a test runs. */
export interface EditorsFixture {
  readonly tenant: DemoTenant;
  /** A profile whose settings name the tenant. */
  profile(settings?: Record<string, unknown>): Profile;
  /** Starts the extension, which is ended after the test. */
  start(options?: Partial<StandInOptions>): Promise<StandIn>;
}

/** Registers mocha hooks that start a tenant, and end the windows of each test. */
export function useEditors(options?: TenantOptions): EditorsFixture {
  const directory = useDirectory();
  const given = useTenant(options);
  let windows: StandIn[] = [];
  afterEach(async () => {
    for (const window of windows) await window.deactivate();
    windows = [];
  });

  function profile(settings: Record<string, unknown> = {}): Profile {
    const { domain, clientId, audience } = given.tenant;
    return createProfile(directory.path, {
      'omnispindle.auth0.domain': domain,
      'omnispindle.auth0.clientId': clientId,
      'omnispindle.auth0.audience': audience,
      'omnispindle.signIn.callbackPort': callbackPort,
      ...settings,
    });
  }
  return {
    get tenant() {
      return given.tenant;
    },
    profile,
    async start(its = {}) {
      const window = await startExtension({ profile: profile(), ...its });
      windows.push(window);
      return window;
    },
  };
}
