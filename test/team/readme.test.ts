import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { cli } from '../bundle.ts';
import { runCompose } from '../deploy/compose.ts';
import { describeNeeds } from '../needs.ts';
import { createAuthority } from '../network/certificates.ts';
import { call, userEnvironment } from '../terminal/fixtures.ts';
import { endSignIns } from '../terminal/processes.ts';
import { startTenant, type DemoTenant } from '../tenant/tenant.ts';
import { startTlsFront } from '../tenant/tlsFront.ts';
import { demoArguments } from './demoArguments.ts';
import { shellBlocksOf } from './readmeBlocks.ts';
import { teamScopes } from './team.ts';

const root = join(import.meta.dirname, '..', '..');
const runFile = promisify(execFile);
const blocks = shellBlocksOf('For a team');
const [demo = '', compose = '', connect = '', move = '', moveAll = ''] = blocks;

// All of it in order, as somebody would who sets a team's server up, and then uses it. Three things are stood in for:
// Docker by what compose.yaml says, run as processes; the proxy by one of the test's own, whose certificate the person's
// programs are told of; and Auth0 by two demo tenants, the team's and the one that was used before.
describeNeeds(['a POSIX system', 'OpenSSL'], '[16] the README’s "For a team", word for word', function () {
  this.timeout(180_000);
  const ends: (() => unknown)[] = [];
  let directory: string;
  let programs: string;
  let address: string;
  let certificate: string;
  let team: DemoTenant;
  let person: Record<string, string>;

  before(async () => {
    const temporary = temporaryDirectory();
    ends.push(temporary.remove);
    directory = temporary.path;
    programs = join(directory, 'bin');
    mkdirSync(programs);
    const authority = createAuthority(join(directory, 'authority'));
    certificate = readFileSync(authority.file, 'utf8');
    const proxy = await startTlsFront('localhost', authority.issue({ names: ['DNS:localhost'] }));
    ends.push(proxy.stop);
    ({ address } = proxy);
    team = await startTenant({ apis: [{ identifier: `${address}/mcp`, scopes: teamScopes }] });
    ends.push(team.close);

    const noted = join(directory, 'docker.json');
    program('docker', `exec "${process.execPath}" -e '${noteCall}' "${noted}" "$@"`);
    cpSync(join(root, 'deploy'), join(directory, 'deploy'), { recursive: true });
    // Whoever sets it up has nothing set but what the block says.
    await runFile('sh', ['-ec', here(compose)], { cwd: directory, env: { PATH: path() } });
    const { args, env } = JSON.parse(readFileSync(noted, 'utf8')) as Call;
    assert.deepEqual(args, ['compose', '-f', 'deploy/compose.yaml', 'up', '--build']);
    const running = await runCompose(join(directory, args[2] ?? ''), env);
    ends.push(() => running[Symbol.asyncDispose]());
    proxy.leadTo(running.port, '127.0.0.1');

    // From the registry it would be the release before this one.
    program('npx', `[ "$1 $2" = "-y omnispindle" ] && shift 2 && exec "${process.execPath}" "${cli}" "$@"`);
    const earlier = await startTenant();
    ends.push(earlier.close, () => endSignIns(directory));
    person = userEnvironment({
      tenant: earlier,
      directory,
      env: { PATH: path(), NODE_EXTRA_CA_CERTS: authority.file },
    });
  });
  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  const path = () => `${programs}:${process.env['PATH'] ?? ''}`;

  function program(name: string, script: string): void {
    writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  /** With the names of this test in the place of the examples. */
  function here(block: string): string {
    return block
      .replaceAll('https://todos.example.com', address)
      .replaceAll('example.eu.auth0.com', team.domain)
      .replaceAll('CLIENT_ID=CLIENT_ID', `CLIENT_ID=${team.clientId}`);
  }

  const type = async (...lines: string[]) => {
    const command = here(lines.join('\n'));
    return (await runFile('sh', ['-ec', command], { cwd: directory, env: person })).stdout;
  };

  /** An MCP client that starts its server by that. */
  async function startClient(command: string): Promise<Client> {
    const client = new Client({ name: 'test', version: '1.0.0' });
    ends.push(() => client.close());
    await client.connect(
      new StdioClientTransport({
        command: 'sh',
        args: ['-ec', here(command)],
        env: person,
        cwd: directory,
        stderr: 'ignore',
      }),
    );
    return client;
  }

  const todosOf = async (client: Client) => {
    const { result, error } = await call(client, 'query_todos', {});
    assert.equal(error, undefined);
    return (result?.['todos'] as { description: string }[]).map(({ description }) => description).sort();
  };

  it('begins with the demo, which has a test of its own', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const [install, run = ''] = demo.split(' && ');
    assert.equal(install, 'npm ci');
    const [, script = '', args = ''] = /^npm run (\w+) -- (.+)$/.exec(run) ?? [];
    assert.equal(`${scripts[script] ?? ''} ${args}`, `npm run bundle && node ${demoArguments.join(' ')}`);
    assert.equal(blocks.length, 5);
  });

  it('leads to a page that says the same address, and the same command', async () => {
    const [page] = (await once(get(address, { ca: certificate }), 'response')) as [IncomingMessage];
    assert.equal(page.statusCode, 200);
    const shown = await text(page);
    assert.ok(shown.includes(here(connect.split('\n').at(-1) ?? '')), shown);
  });

  it('takes a person to the team’s server with what they had, at this tenant and at another one', async () => {
    const earlier = await startClient('npx -y omnispindle serve');
    await call(earlier, 'add_todo', { description: 'Card the wool', project: 'spinning' });
    await earlier.close();
    const [settings = ''] = connect.split('\n');
    const local = await startClient(`${settings}\nnpx -y omnispindle serve`);
    await call(local, 'add_todo', { description: 'Spin the wool', project: 'spinning' });
    await local.close();

    const client = await startClient(connect);
    assert.deepEqual(await todosOf(client), []);
    const saysOf = async (block: string) =>
      (await type(settings, `${block.trim()} 2>&1`)).replaceAll(/\s+/g, ' ');
    const first = await saysOf(move);
    assert.match(first, /which was checked: todos: 1, /);
    assert.match(first, /not taken along: \S+ at \S+ \(todos: 1, lessons: 0\)/);
    assert.deepEqual(await todosOf(client), ['Spin the wool']);
    assert.match(await saysOf(moveAll), /which was checked: todos: 2, /);
    assert.deepEqual(await todosOf(client), ['Card the wool', 'Spin the wool']);
    // Run it again: nothing is doubled.
    assert.match(await saysOf(move), /added: 0, there already: /);
    assert.deepEqual(await todosOf(client), ['Card the wool', 'Spin the wool']);
  });
});

/** What `docker` was called with. */
interface Call {
  readonly args: readonly string[];
  readonly env: Record<string, string>;
}
const noteCall =
  'const [, file, ...args] = process.argv; require("fs").writeFileSync(file, JSON.stringify({ args, env: process.env }))';
