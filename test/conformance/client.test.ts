import assert from 'node:assert/strict';
import { join } from 'node:path';
import { useDirectory } from '../auth/fixtures.ts';
import { userEnvironment } from '../terminal/fixtures.ts';
import { readTable, runClientScenario, type Check } from './suite.ts';

const driver = join(import.meta.dirname, 'clientDriver.ts');
/** No tenant is asked: the token is the person's own, and of a kind that cannot be checked. */
const tenant = { domain: 'localhost:9', clientId: 'client', audience: 'https://api.example' };

/** A busy machine comes back late; only who comes early does not do as the server says. */
const isLateAtMost = ({ id, details }: Check) =>
  id === 'client-sse-retry-timing' && details?.['tooEarly'] === false;

describe('omnispindle connect before the conformance suite', () => {
  const directory = useDirectory();

  for (const revision of ['2025-11-25', '2026-07-28']) {
    for (const [scenario, { runs, revisions }] of readTable('client')) {
      if (runs !== 'yes' || !revisions.split(',').includes(revision)) continue;

      it(`[era] passes ${scenario} in ${revision}`, async () => {
        const { checks, stdout, stderr } = await runClientScenario({
          scenario,
          revision,
          command: [process.execPath, driver, revision].join(' '),
          env: userEnvironment({ tenant, directory: directory.path, env: { AUTH0_TOKEN: 'opaque' } }),
          directory: directory.path,
        });
        const failed = checks
          .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
          .filter(check => !isLateAtMost(check));
        assert.deepEqual(
          failed.map(({ id, name, errorMessage }) => `${id}, ${name}: ${errorMessage ?? ''}`),
          [],
          stderr,
        );
        assert.ok(
          checks.some(({ status }) => status === 'SUCCESS'),
          'It has checked nothing.',
        );
        // The SDK's client says there, too, what it leaves out.
        assert.match(stdout, /^played$/m, stderr);
      });
    }
  }
});
