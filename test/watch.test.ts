import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useDirectory } from './auth/fixtures.ts';
import { eventually } from './eventually.ts';
import { startClient } from './terminal/fixtures.ts';

const root = join(import.meta.dirname, '..');
const tenant = { domain: 'http://localhost:1', clientId: 'client', audience: 'https://api.example/' };

describe('[F7] "npm run watch"', () => {
  const given = useDirectory();
  let watching: ChildProcess;
  let said = '';

  beforeEach(async () => {
    for (const path of [
      'esbuild.js',
      'package.json',
      'tsconfig.json',
      'src',
      'test/server/generateTools.ts',
    ]) {
      cpSync(join(root, path), join(given.path, path), { recursive: true });
    }
    mkdirSync(join(given.path, 'home'));
    symlinkSync(join(root, 'node_modules'), join(given.path, 'node_modules'), 'junction');
    said = '';
    watching = spawn(process.execPath, ['esbuild.js', '--watch'], { cwd: given.path, stdio: 'pipe' });
    for (const stream of [watching.stdout, watching.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
    }
    await eventually('The first bundle', () => said.includes('The bundle is ready'));
  });
  afterEach(async () => {
    const gone = once(watching, 'exit');
    watching.kill();
    await gone;
  });

  const tool = (name: string) => join(given.path, 'src', 'server', 'tools', name);

  /** What an MCP client is told by the bundle that is there now: each tool, and what is said of it. */
  function listed(): Promise<ReadonlyMap<string, string | undefined>> {
    // While it is being written, it may not start.
    return list().catch(() => new Map<string, string>());
  }

  async function list(): Promise<ReadonlyMap<string, string | undefined>> {
    const { client } = await startClient(['serve'], {
      tenant,
      directory: join(given.path, 'home'),
      program: [process.execPath, join(given.path, 'dist', 'cli.js')],
    });
    const { tools } = await client.listTools();
    await client.close();
    return new Map(tools.map(({ name, description }) => [name, description]));
  }

  it('lists a tool as it was changed, and one in a new file, and says what is wrong with a third', async () => {
    const whoami = readFileSync(tool('whoami.ts'), 'utf8');
    writeFileSync(
      tool('whoami.ts'),
      whoami.replace(/description: '[^']*'/, "description: 'Tells who you are.'"),
    );
    await eventually('The change', async () => (await listed()).get('whoami') === 'Tells who you are.');

    const second = whoami
      .replace("name: 'whoami'", "name: 'who_else'")
      .replace(/(?<=\/\*\* ).*(?= \*\/)/, 'Another.');
    writeFileSync(tool('whoElse.ts'), second);
    await eventually('The new tool', async () => (await listed()).has('who_else'));

    writeFileSync(tool('none.ts'), 'export const nothing = 1;\n');
    await eventually('The error', () => said.includes('none.ts exports no "tools"'));
  });
});
