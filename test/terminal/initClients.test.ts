import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { defaultTenant } from '../../src/auth/tenant.ts';
import { useDirectory } from '../auth/fixtures.ts';
import { describeNeeds } from '../needs.ts';
import { run, type Ran } from './fixtures.ts';

interface Entry {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
}

const other = { domain: 'id.example.com', clientId: 'theirs', audience: 'https://api.example.com/' };

describeNeeds(['a POSIX system'], 'what init writes for a client', () => {
  const given = useDirectory();

  function init(
    args: readonly string[],
    { tenant = defaultTenant, env }: { tenant?: typeof defaultTenant; env?: Record<string, string> } = {},
  ): Promise<Ran> {
    const config = { XDG_CONFIG_HOME: join(given.path, '.config') };
    return run({ tenant, directory: given.path, env: { ...config, ...env } }, 'init', ...args);
  }

  const cursor = () => join(given.path, '.cursor', 'mcp.json');
  const read = (path: string) =>
    (JSON.parse(readFileSync(path, 'utf8')) as { mcpServers: { omnispindle: Entry } }).mcpServers.omnispindle;

  describe('of a tenant', () => {
    it('[E11] is the one that the environment names, whole, and is said', async () => {
      const { code, stdout } = await init(['--client', 'cursor', '--npx'], {
        tenant: other,
        env: { CALLBACK_PORT: '4321', AUTH0_TOKEN: 'header.secret.signature' },
      });
      assert.equal(code, 0);
      assert.deepEqual(read(cursor()).env, {
        AUTH0_DOMAIN: other.domain,
        AUTH0_CLIENT_ID: other.clientId,
        AUTH0_AUDIENCE: other.audience,
        CALLBACK_PORT: '4321',
      });
      assert.match(
        stdout,
        /You sign in there at id\.example\.com, by AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_AUDIENCE, CALLBACK_PORT\./,
      );
      assert.doesNotMatch(readFileSync(cursor(), 'utf8'), /secret|TOKEN/);
    });

    it('[E11] is nothing where it is Omnispindle’s own, whatever the port', async () => {
      await init(['--client', 'cursor', '--npx'], { env: { CALLBACK_PORT: '4321' } });
      assert.equal(read(cursor()).env, undefined);
    });

    it('[E11] is an organization alone where the rest is Omnispindle’s own', async () => {
      const env = { AUTH0_ORGANIZATION: 'acme', CALLBACK_PORT: '4321' };
      await init(['--client', 'cursor', '--npx'], { env });
      assert.deepEqual(read(cursor()).env, { AUTH0_ORGANIZATION: 'acme' });
      // Who names one means that one.
      await init(['--client', 'windsurf', '--npx', '--organization', 'other'], { env });
      const { args, env: written } = read(join(given.path, '.codeium', 'windsurf', 'mcp_config.json'));
      assert.deepEqual([args.slice(-2), written], [['--organization', 'other'], undefined]);
    });

    it('[E11] is nothing where the person does not want it', async () => {
      const { stdout } = await init(['--client', 'cursor', '--npx', '--no-tenant'], { tenant: other });
      assert.equal(read(cursor()).env, undefined);
      assert.doesNotMatch(stdout, /id\.example\.com/);
    });

    it('[E11] is not what an entry with an environment gets, which is said', async () => {
      mkdirSync(join(given.path, '.cursor'));
      const own = {
        command: 'npx',
        args: ['-y', 'omnispindle', 'serve'],
        env: { AUTH0_DOMAIN: 'a.example' },
      };
      writeFileSync(cursor(), JSON.stringify({ mcpServers: { omnispindle: own } }));
      const { code, stdout } = await init(['--client', 'cursor', '--npx'], { tenant: other });
      assert.equal(code, 0);
      assert.deepEqual(read(cursor()), own);
      assert.match(stdout, /keeps the environment that it has; your tenant id\.example\.com was not written/);
    });

    it('[E11] is refused where its settings are wrong, and nothing is written', async () => {
      const { code, stderr } = await init(['--client', 'cursor', '--npx'], {
        tenant: { ...other, domain: 'http://id.example.com' },
      });
      assert.equal(code, 2);
      assert.match(stderr, /uses http, which is allowed only for this machine/);
      assert.ok(!existsSync(cursor()));
    });

    it('[E11] is told to scripts by the names of its variables', async () => {
      const { stdout } = await init(['--client', 'cursor', '--npx', '--json'], {
        tenant: other,
        env: { CALLBACK_PORT: '8765' },
      });
      const { variables } = JSON.parse(stdout) as { variables: string[] };
      assert.deepEqual(variables, ['AUTH0_DOMAIN', 'AUTH0_CLIENT_ID', 'AUTH0_AUDIENCE']);
    });
  });

  describe('beside the extension', () => {
    const extensions = () => join(given.path, '.vscode', 'extensions');
    const configuration = () => join(given.path, '.config', 'Code', 'User', 'mcp.json');

    it('[E11] is nothing in VS Code, which would switch the extension’s server off', async () => {
      mkdirSync(join(extensions(), 'omnispindle.omnispindle-0.1.0'), { recursive: true });
      const { code, stdout } = await init(['--client', 'vscode', '--npx']);
      assert.equal(code, 0);
      assert.match(stdout, /VS Code has the Omnispindle extension.*nothing was written/);
      assert.match(stdout, /init --client vscode --remove/);
      assert.doesNotMatch(stdout, /Restart/);
      assert.ok(!existsSync(configuration()));
      const { stdout: json } = await init(['--client', 'vscode', '--npx', '--json']);
      assert.deepEqual(JSON.parse(json), { path: configuration(), changed: false, extension: true });
    });

    it('[E5] is nothing in Cursor, to which the extension gives our server by Cursor’s own functions', async () => {
      mkdirSync(join(given.path, '.cursor', 'extensions', 'omnispindle.omnispindle-0.1.0'), {
        recursive: true,
      });
      const { code, stdout } = await init(['--client', 'cursor', '--npx']);
      assert.equal(code, 0);
      assert.match(stdout, /Cursor has the Omnispindle extension.*nothing was written/);
      assert.ok(!existsSync(cursor()));
    });

    it('[E11] is our server for Copilot CLI, whose file VS Code’s agents read, which is said', async () => {
      assert.doesNotMatch((await init(['--client', 'copilot', '--npx'])).stdout, /extension/);
      await init(['--client', 'copilot', '--remove']);
      mkdirSync(join(extensions(), 'omnispindle.omnispindle-0.1.0'), { recursive: true });
      const { stdout } = await init(['--client', 'copilot', '--npx']);
      assert.match(stdout, /Copilot CLI now starts Omnispindle.*The agents of VS Code read this file, too/);
    });

    it('[E11] is our server where the extension was uninstalled, or is another', async () => {
      for (const name of ['omnispindle.omnispindle-0.1.0', 'somebody.omnispindle-tools-1.0.0']) {
        mkdirSync(join(extensions(), name), { recursive: true });
      }
      writeFileSync(join(extensions(), '.obsolete'), '{"omnispindle.omnispindle-0.1.0":true}');
      const { stdout } = await init(['--client', 'vscode', '--npx']);
      assert.match(stdout, /VS Code now starts Omnispindle/);
      assert.ok(existsSync(configuration()));
    });

    it('[E11] is looked for where VSCODE_EXTENSIONS says', async () => {
      mkdirSync(join(given.path, 'elsewhere', 'omnispindle.omnispindle-0.1.0'), { recursive: true });
      const env = { VSCODE_EXTENSIONS: join(given.path, 'elsewhere') };
      assert.match(
        (await init(['--client', 'vscode', '--npx'], { env })).stdout,
        /has the Omnispindle extension/,
      );
    });
  });

  describe('of a project', () => {
    const shared = () => join(given.path, '.mcp.json');

    it('[E11] names no path of this machine, and is for all that read it', async () => {
      const { code, stdout } = await init(['--client', 'project']);
      assert.equal(code, 0);
      assert.deepEqual(read(shared()), { command: 'npx', args: ['-y', 'omnispindle', 'serve'] });
      assert.match(stdout, /Restart VS Code, Claude Code, Copilot CLI there; then ask it: who am I\?/);
      assert.ok(!existsSync(join(given.path, 'data', 'install')));
    });

    it('[E11] stays when it is taken out of all that is the person’s own, and goes when it is named', async () => {
      await init(['--client', 'project']);
      await init(['--client', 'cursor', '--npx']);
      assert.match((await init(['--remove'])).stdout, /Cursor no longer starts Omnispindle/);
      assert.match(readFileSync(shared(), 'utf8'), /omnispindle/);
      assert.match((await init(['--client', 'project', '--remove'])).stdout, /no longer starts/);
      assert.doesNotMatch(readFileSync(shared(), 'utf8'), /omnispindle/);
    });

    it('[E11] is not written through a link, which may lead to a file of the person’s', async () => {
      const secrets = join(given.path, '.claude.json');
      writeFileSync(secrets, '{"token": "s3cret"}');
      symlinkSync(secrets, shared());
      for (const args of [
        ['--client', 'project'],
        ['--client', 'project', '--remove'],
      ]) {
        const { code, stderr } = await init(args);
        assert.equal(code, 2);
        assert.match(stderr, /\.mcp\.json is a link; nothing was changed/);
      }
      assert.equal(readFileSync(secrets, 'utf8'), '{"token": "s3cret"}');
      assert.deepEqual(
        readdirSync(given.path).filter(name => name.includes('backup')),
        [],
      );
    });
  });

  it('[E11] is an extension that Goose takes', async () => {
    const path = join(given.path, '.config', 'goose', 'config.yaml');
    mkdirSync(join(given.path, '.config', 'goose'), { recursive: true });
    writeFileSync(path, '# mine\nGOOSE_MODEL: x\n');
    const { code, stderr } = await init(['--client', 'goose', '--npx'], { tenant: other });
    assert.equal(code, 0, stderr);
    const text = readFileSync(path, 'utf8');
    assert.ok(text.startsWith('# mine\nGOOSE_MODEL: x\n'), text);
    const { extensions } = parse(text) as { extensions: { omnispindle: Record<string, unknown> } };
    const { cmd, type, enabled, envs } = extensions.omnispindle;
    assert.deepEqual([cmd, type, enabled], ['npx', 'stdio', true]);
    assert.equal((envs as Record<string, string>)['AUTH0_DOMAIN'], other.domain);
    assert.equal((await init(['--client', 'goose', '--remove'])).code, 0);
    assert.deepEqual(parse(readFileSync(path, 'utf8')), { GOOSE_MODEL: 'x', extensions: {} });
  });

  it('[E11] ends with what to do next', async () => {
    const { stdout } = await init(['--client', 'zed', '--npx']);
    assert.match(stdout, /Restart it to see the tools\. Then ask it: who am I\?/);
    const text = readFileSync(join(given.path, '.config', 'zed', 'settings.json'), 'utf8');
    assert.deepEqual(Object.keys(JSON.parse(text) as object), ['context_servers']);
  });
});
