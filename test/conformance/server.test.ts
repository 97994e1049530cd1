import assert from 'node:assert/strict';
import { lateStore, type LateStore } from '../../src/store/lateStore.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqliteStore.ts';
import type { Owner } from '../../src/store/store.ts';
import { useDirectory } from '../auth/fixtures.ts';
import { serveByHttp, type ServedByHttp } from './httpServer.ts';
import { readTable, runServerScenarios } from './suite.ts';

/** Checks of what the server does not have, in scenarios that check more. */
const notOurs: Record<string, readonly string[]> = {
  'server-stateless': [
    'sep-2575-server-rejects-undeclared-capability',
    'sep-2575-missing-capability-http-400',
  ],
  caching: [
    'sep-2549-prompts-list-caching-hints',
    'sep-2549-resources-list-caching-hints',
    'sep-2549-resources-templates-list-caching-hints',
  ],
};

describe('the bundled server before the conformance suite', () => {
  const directory = useDirectory();
  let server: ServedByHttp;
  let store: LateStore<Owner>;
  beforeEach(async () => {
    store = lateStore(() => openSqliteStore(directory.path));
    server = await serveByHttp({
      authenticate: () =>
        Promise.resolve({ caller: { issuer: 'https://tenant.example/', sub: 'ada', scopes: [] } }),
      store: store.of,
    });
  });
  afterEach(async () => {
    await server.close();
    await store.close();
  });

  for (const revision of ['2025-11-25', '2026-07-28']) {
    it(`[era] passes every scenario that applies to it in ${revision}`, async () => {
      const checked = await runServerScenarios(server.url, revision, directory.path);
      const applies = [...readTable('server')].filter(
        ([, { runs, revisions }]) => /^(yes|in part)$/.test(runs) && revisions.split(',').includes(revision),
      );
      assert.ok(applies.length >= 4);
      for (const [name, { runs }] of applies) {
        const checks = checked.get(name) ?? [];
        assert.ok(
          checks.some(({ status }) => status === 'SUCCESS'),
          `${name} has checked nothing.`,
        );
        const failed = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
        const excused = notOurs[name] ?? [];
        assert.deepEqual(
          failed
            .filter(({ id }) => !excused.includes(id))
            .map(({ id, errorMessage }) => `${id}: ${errorMessage ?? ''}`),
          [],
          name,
        );
        assert.equal(failed.length, runs === 'yes' ? 0 : excused.length, name);
      }
    });
  }
});
