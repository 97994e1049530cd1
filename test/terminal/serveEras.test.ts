import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { signInByForm } from '../tenant/browserless.ts';
import { useUser } from '../tenant/useTenant.ts';
import { cli, userEnvironment } from './fixtures.ts';

describe('omnispindle serve for a client of the newest revision', () => {
  let client: Client | undefined;
  const given = useUser(async () => client?.close());

  async function start(capabilities = {}): Promise<Client> {
    const { tenant, directory } = given;
    client = new Client(
      { name: 'test', version: '1.0.0' },
      { capabilities, versionNegotiation: { mode: 'auto' } },
    );
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [cli, 'serve'],
        env: userEnvironment({ tenant, directory, env: { BROWSER: 'none' } }),
        cwd: directory,
        stderr: 'ignore',
      }),
    );
    assert.equal(client.getNegotiatedProtocolVersion(), '2026-07-28');
    return client;
  }
  const add = { name: 'add_todo', arguments: { description: 'Spin', project: 'wool' } };

  it('[era] asks the person to open the address, waits for the sign-in, and adds one todo', async () => {
    const asking = await start({ elicitation: { url: {} } });
    const addresses: string[] = [];
    asking.setRequestHandler('elicitation/create', ({ params }) => {
      const url = 'url' in params ? params.url : '';
      addresses.push(url);
      void signInByForm(url);
      return { action: 'accept' };
    });
    const added = await asking.callTool(add);
    assert.equal(added.isError, undefined, JSON.stringify(added));
    assert.equal(addresses.length, 1);
    const { structuredContent } = await asking.callTool({ name: 'query_todos' });
    assert.equal((structuredContent as { total: number }).total, 1);
    assert.equal(given.tenant.counters()['token'], 1);
  });

  it('[era] tells the address by progress where the client cannot ask, and goes on when the person has signed in', async () => {
    const listening = await start();
    let url = '';
    const { structuredContent } = await listening.callTool(
      { name: 'whoami' },
      {
        onprogress({ message = '' }) {
          const found = /https?:\S+/.exec(message)?.[0];
          if (found && !url) void signInByForm((url = found));
        },
      },
    );
    assert.equal((structuredContent as { email: string }).email, 'ada@example.com');
  });
});
