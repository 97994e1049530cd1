import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { demoUser } from '../../tenant/accounts.ts';
import { tenantControl, type TenantControl } from '../../tenant/control.ts';
import { callTool, environmentServer, person } from './helpers.ts';

const data = process.env['OMNISPINDLE_SUITE_DATA'] ?? '';
const program = join(dirname(environmentServer), '..', '..', 'clients', 'teamProcess.ts');
/** Where the suite's own tenant is: the editor leads nobody elsewhere who goes there. */
const { hostname } = new URL(process.env['OMNISPINDLE_TENANT'] ?? '');

describe('the editor’s own sign-in to MCP servers, given the address of a team’s server alone', () => {
  let team: ChildProcess;
  let url: string;
  let teamTenant: TenantControl;

  before(async () => {
    const directory = join(data, 'team');
    mkdirSync(directory, { recursive: true });
    team = spawn(process.execPath, [program, directory, hostname], {
      env: { PATH: process.env['PATH'], HOME: directory },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    assert.ok(team.stdout);
    for await (const line of createInterface({ input: team.stdout })) {
      const said = JSON.parse(line) as { url: string; domain: string };
      url = said.url;
      teamTenant = tenantControl(said.domain);
      break;
    }
  });
  after(() => {
    team.stdin?.end();
  });

  it('registers the editor, signs the person in, and a tool runs as them', async () => {
    await person.runCommand('MCP: Add Server...');
    await person.choose('HTTP (HTTP or Server-Sent Events)');
    await person.enter(url, 'Enter Server URL');
    await person.enter('Team', 'Enter Server ID');
    await person.choose('Remote');
    await person.press('Allow');
    await person.signIn(demoUser);
    const { sub, scopes } = JSON.parse(await callTool('whoami')) as { sub: string; scopes: string[] };
    assert.equal(sub, 'auth0|ada');
    assert.ok(scopes.includes('omnispindle:read') && scopes.includes('omnispindle:write'), scopes.join());
    assert.equal((await teamTenant.counters())['register'], 1);
    assert.deepEqual((await teamTenant.counts()).pages, { login: 1, consent: 1 });
  });
});
