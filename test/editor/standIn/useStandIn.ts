import { join } from 'node:path';
import type * as vscode from 'vscode';
import { useDirectory } from '../../auth/fixtures.ts';
import { callbackPort } from '../../tenant/callbackPort.ts';
import type { DemoTenant, TenantOptions } from '../../tenant/tenant.ts';
import { useTenant } from '../../tenant/useTenant.ts';
import { CancellationTokenSource } from './basics.ts';
import { createProfile, type Profile } from './profile.ts';
import { startExtension, type StandIn, type StandInOptions } from './startExtension.ts';

/** What a test of the extension in a stand-in stands on. */
export interface StandInFixture {
  readonly tenant: DemoTenant;
  /** A folder of the test's own: profiles, and the user's data, are in it. */
  readonly directory: string;
  /** A profile of the test's own, whose settings name the tenant, and those. */
  profile(settings?: Record<string, unknown>): Profile;
  /** Opens a window, of a profile of its own where none is given; it is closed after the test. */
  start(options?: Partial<StandInOptions>): Promise<StandIn>;
  /** What the provider of MCP servers gives, as the editor asks for it. */
  definitions(window: StandIn): Promise<vscode.McpStdioServerDefinition[]>;
}

/** Registers mocha hooks that give a suite a tenant, and each of its tests windows. Read it while a test runs. */
export function useStandIn(options?: TenantOptions): StandInFixture {
  let windows: StandIn[] = [];
  // Its hook comes before the one that removes the directory: mocha runs them in that order.
  afterEach(async () => {
    for (const window of windows) await window.deactivate();
    windows = [];
  });
  const directory = useDirectory();
  const given = useTenant(options);
  const before = process.env['OMNISPINDLE_DATA_DIR'];
  beforeEach(() => {
    process.env['OMNISPINDLE_DATA_DIR'] = join(directory.path, 'data');
  });
  afterEach(() => {
    if (before === undefined) delete process.env['OMNISPINDLE_DATA_DIR'];
    else process.env['OMNISPINDLE_DATA_DIR'] = before;
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
    get directory() {
      return directory.path;
    },
    profile,
    async start(wanted) {
      const window = await startExtension({ profile: profile(), ...wanted });
      windows.push(window);
      return window;
    },
    async definitions(window) {
      const { token } = new CancellationTokenSource();
      return (await window.mcp()?.provideMcpServerDefinitions(token)) ?? [];
    },
  };
}
