import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import * as vscode from 'vscode';
import { registeredId } from '../../clients/teamClient.ts';
import { demoUser } from '../../tenant/accounts.ts';
import { tenantControl, type TenantControl } from '../../tenant/control.ts';
import type { TenantOptions } from '../../tenant/options.ts';
import { documentAddress, editorCallbacks } from '../vscodeDev.ts';
import { callTool, environmentServer, eventually, keepsTools, person } from './helpers.ts';

const data = process.env['OMNISPINDLE_SUITE_DATA'] ?? '';
const program = join(dirname(environmentServer), '..', '..', 'clients', 'teamProcess.ts');
/** Where the suite's own tenant is: the editor leads nobody elsewhere who goes there. */
const { hostname } = new URL(process.env['OMNISPINDLE_TENANT'] ?? '');
/** VS Code 1.105 knows no metadata documents, and no client id in mcp.json. */
const isOld = vscode.version.startsWith('1.105.');

const registered: TenantOptions = {
  // Auth0 names the endpoint also where it is off.
  dynamicRegistration: false,
  clients: [{ clientId: registeredId, redirectUris: editorCallbacks }],
};
const itsDocument = {
  client_id: documentAddress,
  client_name: 'Visual Studio Code',
  application_type: 'native',
  redirect_uris: editorCallbacks,
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
};

describe('the editor’s own sign-in to MCP servers, given the address of a team’s server alone', () => {
  let team: ChildProcess | undefined;
  let url: string;
  let teamTenant: TenantControl;

  async function startTeam(name: string, different: TenantOptions): Promise<void> {
    const directory = join(data, name);
    mkdirSync(directory, { recursive: true });
    team = spawn(process.execPath, [program, directory, JSON.stringify({ host: hostname, ...different })], {
      env: { PATH: process.env['PATH'], HOME: directory },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    assert.ok(team.stdout);
    const [line] = (await Promise.race([
      once(createInterface(team.stdout), 'line'),
      once(team, 'exit'),
    ])) as unknown[];
    assert.ok(typeof line === 'string', 'The server of the team has ended: is dist older than src?');
    const said = JSON.parse(line) as { url: string; domain: string };
    url = said.url;
    teamTenant = tenantControl(said.domain);
  }
  /** What the person does who has the address, and nothing else. */
  async function addServer(name: string): Promise<void> {
    await person.runCommand('MCP: Add Server...');
    await person.choose('HTTP (HTTP or Server-Sent Events)');
    await person.enter(url, 'Enter Server URL');
    await person.enter(name, 'Enter Server ID');
    await person.choose('Remote');
  }
  /** Whom the server’s tool knows; other servers have one of that name. */
  async function knownBy(server: string): Promise<void> {
    const isIts = (name: string) =>
      keepsTools ? name.startsWith(`mcp_${server.toLowerCase()}_`) : !before.has(name);
    const tool = await eventually('the tool of the server', () =>
      vscode.lm.tools.find(({ name }) => name.endsWith('_whoami') && isIts(name)),
    );
    const { sub, scopes } = JSON.parse(await callTool(tool.name)) as { sub: string; scopes: string[] };
    assert.equal(sub, 'auth0|ada');
    assert.ok(scopes.includes('omnispindle:read') && scopes.includes('omnispindle:write'), scopes.join());
  }
  let before: ReadonlySet<string>;
  beforeEach(async () => {
    before = new Set(vscode.lm.tools.map(({ name }) => name));
    await person.leaveTenant();
  });
  afterEach(() => {
    team?.stdin?.end();
  });

  it('registers the editor, signs the person in, and a tool runs as them', async () => {
    await startTeam('dynamic', { dynamicRegistration: true });
    await addServer('Dynamic');
    await person.press('Allow');
    await person.signIn(demoUser);
    await knownBy('Dynamic');
    assert.equal((await teamTenant.counters())['register'], 1);
    assert.deepEqual((await teamTenant.counts()).pages, { login: 1, consent: 1 });
  });

  it('asks for a client id where the editor cannot register, and signs the person in with it', async () => {
    await startTeam('asked', registered);
    await addServer('Asked');
    await person.see('make sure to include these redirect URIs');
    await person.press('Copy URIs & Proceed');
    await person.enter(registeredId, 'Add Client Registration Details');
    await person.see('an existing client secret associated with');
    await person.enter('', 'Add Client Registration Details');
    await person.press('Allow');
    await person.signIn(demoUser);
    await knownBy('Asked');
    assert.deepEqual((await teamTenant.counts()).pages, { login: 1 });
  });

  if (isOld) return;

  it('names its metadata document where the tenant takes such, and signs the person in', async () => {
    await startTeam('document', { metadataDocuments: { [documentAddress]: itsDocument } });
    await addServer('Document');
    await person.press('Allow');
    await person.signIn(demoUser);
    await knownBy('Document');
    assert.equal((await teamTenant.counters())['register'], undefined);
    assert.deepEqual((await teamTenant.counts()).pages, { login: 1, consent: 1 });
  });

  it('takes the client id that mcp.json names, and asks for none', async () => {
    await startTeam('named', registered);
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const servers = { named: { type: 'http', url, oauth: { clientId: registeredId } } };
    await vscode.workspace.fs.writeFile(
      vscode.Uri.joinPath(folder.uri, '.vscode', 'mcp.json'),
      Buffer.from(JSON.stringify({ servers })),
    );
    await person.runCommand('MCP: List Servers');
    await person.choose('named');
    await person.choose('Start Server');
    await person.press('Allow');
    await person.signIn(demoUser);
    await knownBy('named');
    assert.deepEqual((await teamTenant.counts()).pages, { login: 1 });
  });
});
