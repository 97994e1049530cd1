import { useDirectory } from '../auth/fixtures.ts';
import { endSignIns } from '../terminal/processes.ts';
import { startTenant, type DemoTenant, type TenantOptions } from './tenant.ts';
import { suiteNeeds } from '../needs.ts';

export interface TenantFixture {
  /** One for the suite, with its counters, mode, token answers and token lifetime as at the start before each test. */
  readonly tenant: DemoTenant;
}

/** What a test of a signed-in user stands on. Read it while a test runs: the directory is new for each. */
export interface UserFixture extends TenantFixture {
  /** A folder of the test's own, removed after it. */
  readonly directory: string;
}

/** Registers mocha hooks that start a tenant for the suite. Read it while a test runs. */
export function useTenant(options?: TenantOptions): TenantFixture {
  let tenant: DemoTenant;

  before(async () => {
    tenant = await startTenant(options);
  });
  after(() => tenant.close());
  beforeEach(() => {
    tenant.resetCounters();
    tenant.setMode('normal');
    tenant.releaseTokenAnswers();
    tenant.answerTokenRequests([]);
    tenant.setTokenLifetime(3_600);
  });

  return {
    get tenant() {
      return tenant;
    },
  };
}

/**
 * Registers mocha hooks that start a tenant for the suite, and give each of its tests a directory.
 * @param endTest ends what a test has started, while its directory is still there
 * @param options what the tests want of the tenant
 */
export function useUser(endTest?: () => Promise<void>, options?: TenantOptions): UserFixture {
  // The browser that signs in by itself is a shell script.
  suiteNeeds('a POSIX system');
  // Its hook comes before the one that removes the directory: mocha runs them in that order.
  afterEach(async () => {
    await endTest?.();
    await endSignIns(directory.path);
  });
  const directory = useDirectory();
  const given = useTenant(options);

  return {
    get tenant() {
      return given.tenant;
    },
    get directory() {
      return directory.path;
    },
  };
}
