import assert from 'node:assert/strict';
import { listScenarios, readTable, type Part } from './suite.ts';

describe('the tables of conformance', () => {
  for (const part of ['server', 'client', 'authorization server'] as Part[]) {
    it(`[era] have every scenario that the suite has, and no other: ${part}`, async () => {
      const scenarios = await listScenarios(part);
      assert.ok(scenarios.size > 0);
      const rows = [...readTable(part)].map(([name, { revisions }]) => [name, revisions]);
      assert.deepEqual(rows, [...scenarios]);
    });

    it(`[era] say of each scenario whether it runs, and why not: ${part}`, () => {
      for (const [name, { runs, why }] of readTable(part)) {
        assert.match(runs, /^(yes|in part|no|not yet)$/, name);
        assert.equal(/^(in part|no)$/.test(runs), why !== '', name);
      }
    });
  }
});
