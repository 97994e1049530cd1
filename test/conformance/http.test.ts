import assert from 'node:assert/strict';
import { createHttpApp } from '../../src/server/http/app.ts';
import { listen, type Listening } from '../../src/server/http/listen.ts';
import { memoryLog, useDirectory } from '../auth/fixtures.ts';
import { createFixtureServer } from './fixtures/server.ts';
import { readTable, runServerScenarios } from './suite.ts';
import { appOptions } from '../server/http/appOptions.ts';

const ada = { issuer: 'https://tenant.example/', sub: 'ada', scopes: [], expiresAt: Infinity };

describe('a team’s server before the conformance suite', () => {
  const directory = useDirectory();
  let server: Listening;
  beforeEach(async () => {
    const app = createHttpApp({
      // The suite has no token: each of its requests gets one on its way.
      verify: () => Promise.resolve(ada),
      issuer: ada.issuer,
      resource: 'http://localhost/mcp',
      publicUrl: new URL('http://localhost'),
      ...appOptions,
      store: () => Promise.reject(new Error('There are no todos here.')),
      log: memoryLog(),
      createServer: createFixtureServer,
    });
    server = await listen(
      {
        ...app,
        fetch(request, env) {
          request.headers.set('authorization', 'Bearer suite');
          return app.fetch(request, env);
        },
      },
      { host: '127.0.0.1', port: 0, stopLimit: 1_000 },
    );
  });
  afterEach(async () => {
    await server.close();
  });

  for (const revision of ['2025-11-25', '2026-07-28']) {
    it(`[era] passes all but what its table says, with the reason, in ${revision}`, async () => {
      const checked = await runServerScenarios(`${server.url}/mcp`, revision, directory.path);
      assert.ok(checked.size >= 25);
      const failed: Record<string, string[]> = {};
      for (const [name, checks] of checked) {
        const ids = checks
          .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
          .map(({ id }) => id);
        if (ids.length === 0 && !checks.some(({ status }) => status === 'SUCCESS')) ids.push('all');
        if (ids.length > 0) failed[name] = [...new Set(ids)].sort();
      }
      const excused = [...readTable('http')].filter(([, { revisions }]) => revisions === revision);
      assert.deepEqual(
        failed,
        Object.fromEntries(
          excused.map(([name, { runs }]) => [name, runs.replaceAll('`', '').split(', ').sort()]),
        ),
      );
      for (const [name, { why }] of excused) assert.ok(why.length > 20, name);
    });
  }
});
