import type { TenantOptions } from '../tenant/options.ts';
import { startTeam } from './team.ts';

// A team's server and its tenant, for a test that runs inside an editor: they live as long as its end of the pipe.
const [directory = '', different = '{}'] = process.argv.slice(2);
const team = await startTeam(directory, () => JSON.parse(different) as TenantOptions);
console.log(JSON.stringify({ url: team.url, domain: team.tenant.domain }));
process.stdin.resume().once('end', () => {
  void team.stop().then(() => process.exit());
});
