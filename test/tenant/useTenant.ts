import { useDirectory } from '../auth/fixtures.ts';
import { startTenant, type DemoTenant } from './tenant.ts';

/** What a test of a signed-in user stands on. Read it while a test runs: the directory is new for each. */
export interface TenantFixture {
  /** One for the suite, with its counters, mode and token lifetime as at the start before each test. */
  readonly tenant: DemoTenant;
  /** A folder of the test's own, removed after it. */
  readonly directory: string;
}

/**
 * Registers mocha hooks that start a tenant for the suite, and give each of its tests a directory.
 * @param endTest ends what a test has started, while its directory is still there
 */
export function useTenant(endTest?: () => Promise<void>): TenantFixture {
  let tenant: DemoTenant;
  // Its hook comes before the one that removes the directory: mocha runs them in that order.
  if (endTest) afterEach(endTest);
  const directory = useDirectory();

  before(async () => {
    tenant = await startTenant();
  });
  after(() => tenant.close());
  beforeEach(() => {
    tenant.resetCounters();
    tenant.setMode('normal');
    tenant.setTokenLifetime(3_600);
  });

  return {
    get tenant() {
      return tenant;
    },
    get directory() {
      return directory.path;
    },
  };
}
