import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressVariable, keyVariable } from '../../../src/broker/variables.ts';
import { run, startClient, type Served, type Surroundings } from '../../terminal/fixtures.ts';
import { useUser } from '../../tenant/useTenant.ts';

const environmentServer = join(import.meta.dirname, 'environmentServer.mjs');

interface State {
  readonly cwd: string;
  readonly ours: Record<string, string>;
}

describe('where a local server runs, and what it finds in its environment', () => {
  const servers: Served[] = [];
  const given = useUser(async () => {
    await Promise.all(servers.splice(0).map(({ client }) => client.close()));
  });

  const here = (env: Record<string, string> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    env,
  });
  const args = (...options: string[]) => [
    'run',
    '--variable',
    'API_TOKEN',
    ...options,
    '--',
    process.execPath,
    environmentServer,
  ];

  async function state(options: string[], env: Record<string, string> = {}): Promise<State> {
    const served = await startClient(args(...options), here(env));
    servers.push(served);
    const { content } = await served.client.callTool({ name: 'state', arguments: {} });
    return JSON.parse((content as { text: string }[])[0]?.text ?? '') as State;
  }

  it('[E9] it runs in the directory that --cwd names', async () => {
    const place = join(given.directory, 'a place');
    mkdirSync(place);
    assert.equal((await state(['--cwd', place])).cwd, realpathSync(place));
  });

  it('[E9] it runs below the home directory where --cwd begins with ~', async () => {
    const place = join(given.directory, 'work');
    mkdirSync(place);
    assert.equal((await state(['--cwd', '~/work'])).cwd, realpathSync(place));
  });

  for (const [what, cwd, say] of [
    [
      'is not there',
      '~/nowhere',
      /run in .*nowhere, and there is no such directory\. Make it, or correct "cwd"/,
    ],
    ['is a file', '~/file', /run in .*file, and there is no such directory/],
    ['is relative', 'work', /cwd is "work", which is no absolute path/],
    ['is empty', '', /cwd is empty/],
    ['has a variable that nobody filled in', '${workspaceFolder}/a', /cwd is "\$\{workspaceFolder\}\/a"/],
  ] as const) {
    it(`[E9] it is not started where its directory ${what}, and the error says so`, async () => {
      writeFileSync(join(given.directory, 'file'), '');
      const { code, stderr } = await run(here(), ...args('--cwd', cwd));
      assert.equal(code, 2);
      assert.match(stderr, say);
    });
  }

  it('[E9] it finds nothing of ours in its environment but the way to ask for its tokens', async () => {
    const { ours } = await state([], {
      OMNISPINDLE_ACCOUNT: 'ada@example.com',
      OMNISPINDLE_DEBUG: '1',
      omnispindle_of_tomorrow: '1',
      ELECTRON_RUN_AS_NODE: '1',
    });
    assert.deepEqual(Object.keys(ours).sort(), [addressVariable, keyVariable]);
  });
});
