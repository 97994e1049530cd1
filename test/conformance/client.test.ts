import assert from 'node:assert/strict';
import { join } from 'node:path';
import { useDirectory } from '../auth/fixtures.ts';
import { userEnvironment } from '../terminal/fixtures.ts';
import { readTable, runClientScenario, type Check, type Table } from './suite.ts';
import { describeNeeds } from '../needs.ts';

const driver = join(import.meta.dirname, 'clientDriver.ts');
/** No tenant is asked: the token is the person's own, and of a kind that cannot be checked. */
const tenant = { domain: 'localhost:9', clientId: 'client', audience: 'https://api.example' };

/** A busy machine comes back late; only who comes early does not do as the server says. */
const isLateAtMost = ({ id, details }: Check) =>
  id === 'client-sse-retry-timing' && details?.['tooEarly'] === false;

/** A newer server is asked for its era by the older client's own `initialize`, which has none of what is new. */
const isOfInitialize = ({ details }: Check) =>
  (details?.['method'] ?? details?.['expectedMethod']) === 'initialize';

const [older, newer] = ['2025-11-25', '2026-07-28'] as const;
const otherThan = (revision: string) => (revision === older ? newer : older);

describeNeeds(['a POSIX system'], 'omnispindle connect before the conformance suite', () => {
  const directory = useDirectory();

  /** Plays a scenario, and compares what was found with its row. */
  async function play(table: Table, scenario: string, revision: string, speaks: string): Promise<void> {
    const { checks, stdout, stderr } = await runClientScenario({
      scenario,
      revision,
      command: [process.execPath, driver, speaks].join(' '),
      env: userEnvironment({ tenant, directory: directory.path, env: { AUTH0_TOKEN: 'opaque' } }),
      directory: directory.path,
    });
    const failed = checks
      .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
      .filter(check => !isLateAtMost(check));
    const excused = table === 'between' ? failed.filter(isOfInitialize) : [];
    assert.deepEqual(
      failed
        .filter(check => !excused.includes(check))
        .map(({ id, name, errorMessage }) => `${id}, ${name}: ${errorMessage ?? ''}`),
      [],
      stderr,
    );
    assert.equal(readTable(table).get(scenario)?.runs, excused.length === 0 ? 'yes' : 'in part');
    assert.ok(
      checks.some(({ status }) => status === 'SUCCESS'),
      'It has checked nothing.',
    );
    // The SDK's client says there, too, what it leaves out.
    assert.match(stdout, /^played$/m, stderr);
  }

  for (const revision of [older, newer]) {
    for (const table of ['client', 'between'] as const) {
      const speaks = table === 'client' ? revision : otherThan(revision);
      for (const [scenario, { runs, revisions }] of readTable(table)) {
        if (!/^(yes|in part)$/.test(runs) || !revisions.split(',').includes(revision)) continue;
        it(`[era] passes ${scenario} of ${revision} for a client of ${speaks}`, () =>
          play(table, scenario, revision, speaks));
      }
    }
  }
});
