import assert from 'node:assert/strict';
import { listScenarios, readTable, type Part, type Table } from './suite.ts';

describe('the tables of conformance', () => {
  for (const part of ['server', 'client', 'authorization server'] as Part[]) {
    it(`[era] have every scenario that the suite has, and no other: ${part}`, async () => {
      const scenarios = await listScenarios(part);
      assert.ok(scenarios.size > 0);
      const rows = [...readTable(part)].map(([name, { revisions }]) => [name, revisions]);
      assert.deepEqual(rows, [...scenarios]);
    });
  }

  it('[era] have every scenario of the bridge that runs also between the revisions', () => {
    const spoken = ['2025-11-25', '2026-07-28'];
    const expected = [...readTable('client')]
      .filter(([, { runs }]) => runs !== 'no')
      .map(([name, { revisions }]) => [name, revisions.split(',').filter(one => spoken.includes(one))]);
    assert.ok(expected.length > 10);
    const rows = [...readTable('between')].map(([name, { revisions }]) => [name, revisions.split(',')]);
    assert.deepEqual(rows, expected);
  });

  for (const table of ['server', 'client', 'between', 'authorization server'] as Table[]) {
    it(`[era] say of each scenario whether it runs, and why not: ${table}`, () => {
      for (const [name, { runs, why }] of readTable(table)) {
        assert.match(runs, /^(yes|in part|no)$/, name);
        assert.equal(/^(in part|no)$/.test(runs), why !== '', name);
      }
    });
  }
});
