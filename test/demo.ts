import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { demoUser } from './tenant/accounts.ts';
import { startTenant } from './tenant/tenant.ts';

// `npm run demo`: the main job against the demo tenant, told in words; `-- --editor` opens it in an editor, and `-- --team`
// shows a server for many people.
const root = join(import.meta.dirname, '..');
const say = (text: string) => {
  console.log(text);
};

if (process.argv.includes('--editor')) {
  const { editorDemo } = await import('./editor/demo.ts');
  await editorDemo();
} else if (process.argv.includes('--team')) {
  const { teamDemo } = await import('./team/demo.ts');
  await teamDemo();
} else {
  await terminalDemo();
}

async function terminalDemo(): Promise<void> {
  const tenant = await startTenant();
  const data = mkdtempSync(join(tmpdir(), 'omnispindle-demo-'));
  const byItself = !canOpenBrowser();
  say(`1. The demo tenant, an OpenID provider with Auth0's paths, runs at ${tenant.domain}.`);
  const client = new Client({ name: 'demo', version: '1.0.0' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [join(root, 'dist', 'cli.js'), 'serve'],
    env: {
      ...(process.env as Record<string, string>),
      AUTH0_DOMAIN: tenant.domain,
      AUTH0_CLIENT_ID: tenant.clientId,
      AUTH0_AUDIENCE: tenant.audience,
      OMNISPINDLE_DATA_DIR: data,
      ...(byItself && { BROWSER: join(import.meta.dirname, 'tenant', 'demoBrowser.sh') }),
    },
  });
  await client.connect(transport);
  const { tools } = await client.listTools();
  say(
    `2. An MCP client started "omnispindle serve" and sees ${String(tools.length)} tools. Nobody is signed in yet.`,
  );
  say('3. It calls "whoami", so the server asks for a sign-in.');
  say(
    byItself
      ? `   There is no browser to open here, so the demo signs in by itself, as ${demoUser.email}.`
      : `   Your browser opens: log in as ${demoUser.email} with the password ${demoUser.password}, or sign up.`,
  );
  const call = async (name: string, input: Record<string, unknown> = {}) => {
    const result = await client.callTool({ name, arguments: input }, undefined, {
      timeout: 300_000,
      onprogress: () => undefined,
    });
    if (result.isError) throw new Error(JSON.stringify(result.content));
    return result.structuredContent as Record<string, unknown>;
  };
  try {
    const person = await call('whoami');
    say(`4. The tool runs as ${String(person['account'])} (${String(person['sub'])}).`);
    await call('add_todo', { description: 'Spin the wool', project: 'demo', priority: 'High' });
    const { todos, total } = await call('query_todos', { filter: { project: 'demo' } });
    const [first] = todos as { description: string; status: string }[];
    say(
      `5. It added a todo and finds it again: "${first?.description ?? ''}", ${first?.status ?? ''} (${String(total)} in all).`,
    );
    const counts = tenant.counters();
    say(
      `6. At the tenant that was ${String(counts['authorize'])} visit to the login and ${String(counts['token:authorization_code'])} code exchanged; the next calls use the session that was kept.`,
    );
    say('That is all there is to it. "npm run demo -- --editor" shows the same in an editor.');
  } finally {
    await client.close();
    await tenant.close();
    rmSync(data, { recursive: true, force: true });
  }
}

function canOpenBrowser(): boolean {
  if (process.env['BROWSER']) return process.env['BROWSER'] !== 'none';
  if (process.env['CI'] || process.env['SSH_CONNECTION'] || existsSync('/.dockerenv')) return false;
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
}
