import assert from 'node:assert/strict';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { freePort } from '../freePort.ts';
import { describeNeeds } from '../needs.ts';
import type { TenantOptions } from '../tenant/options.ts';
import { claudeCode } from './claudeCode.ts';
import { describeWays } from './describeWays.ts';
import { startTeam } from './team.ts';

describeWays([claudeCode], ['Linux on x64']);

describeNeeds(['Linux on x64'], 'Claude Code, where it cannot register itself,', () => {
  const where: readonly [string, TenantOptions, RegExp][] = [
    ['says so: the tenant takes no registrations', {}, /does not support dynamic client registration/],
    [
      'says so: the tenant’s switch is off',
      { dynamicRegistration: false },
      /Dynamic Client Registration rejected \(HTTP 404\)/,
    ],
  ];
  for (const [what, tenant, words] of where) {
    it(what, async () => {
      const directory = temporaryDirectory();
      const team = await startTeam(directory.path, () => tenant);
      try {
        const home = `${directory.path}/home`;
        const start = { url: team.url, tenant: { ...team.tenant, audience: team.url }, home };
        await assert.rejects(claudeCode.whoAmI({ ...start, way: 'dynamic', port: await freePort() }), words);
      } finally {
        await team.stop();
        directory.remove();
      }
    });
  }
});
