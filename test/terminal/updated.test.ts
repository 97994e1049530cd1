import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { useUser } from '../tenant/useTenant.ts';
import { cli, startClient } from './fixtures.ts';

const environmentServer = join(import.meta.dirname, '..', 'bridge', 'local', 'environmentServer.mjs');

describe('a server that runs while Omnispindle is updated', () => {
  const given = useUser();

  /** Starts a command of a copy of the program, whose files are gone then. */
  async function startUpdated(args: readonly string[]) {
    const copy = join(given.directory, 'omnispindle-0.0.1');
    cpSync(dirname(cli), join(copy, 'dist'), { recursive: true });
    for (const name of ['package.json', 'media']) {
      cpSync(join(dirname(cli), '..', name), join(copy, name), { recursive: true });
    }
    const served = await startClient(args, {
      tenant: given.tenant,
      directory: given.directory,
      program: [process.execPath, join(copy, 'dist', 'cli.js')],
      env: { AUTH0_TOKEN: '' },
    });
    return {
      served,
      gone: () => {
        rmSync(copy, { recursive: true });
      },
    };
  }

  it('[E10] says that it must be restarted, and ends, so that its client starts the new one', async () => {
    const { served, gone } = await startUpdated(['serve']);
    assert.ok((await served.client.listTools()).tools.length > 0);
    gone();
    const { content, isError } = await served.client.callTool({ name: 'list_projects', arguments: {} });
    assert.equal(isError, true);
    assert.match(
      (content as { text: string }[])[0]?.text ?? '',
      /Omnispindle was updated, or removed, while this server ran\. The server ends now: restart it/,
    );
    await served.gone;
  });

  it('[E10] goes on where it has loaded what it needs', async () => {
    const { served, gone } = await startUpdated([
      'run',
      '--variable',
      'API_TOKEN',
      '--',
      process.execPath,
      environmentServer,
    ]);
    await served.client.callTool({ name: 'state', arguments: {} });
    gone();
    const { isError } = await served.client.callTool({ name: 'state', arguments: {} });
    assert.ok(!isError);
    await served.client.close();
    await served.gone;
  });
});
