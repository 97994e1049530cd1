import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { addressVariable, keyVariable } from '../../src/broker/variables.ts';
import { placeInWords } from '../../src/terminal/place.ts';
import { useServers } from './useServers.ts';

describe('where a server of an editor runs', () => {
  for (const [env, isContainer, words] of [
    [{}, false, 'on loom'],
    [{ SSH_CONNECTION: '10.0.0.1 50000 10.0.0.2 22' }, false, 'on loom, which is connected to over SSH'],
    [{ SSH_CLIENT: '10.0.0.1 50000 22' }, false, 'on loom, which is connected to over SSH'],
    [{ WSL_DISTRO_NAME: 'Ubuntu-24.04' }, false, 'in WSL, in Ubuntu-24.04 on loom'],
    [{}, true, 'in the container loom'],
    [{ SSH_CONNECTION: 'x', WSL_DISTRO_NAME: 'Ubuntu' }, true, 'in the container loom'],
    [{ CODESPACE_NAME: 'fluffy-spindle' }, true, 'in the codespace fluffy-spindle'],
    [{ WSL_DISTRO_NAME: 'a\nomnispindle: b' }, false, 'in WSL, in a omnispindle: b on loom'],
  ] as const) {
    it(`[E10] is said: ${words}, with ${JSON.stringify(env)}${isContainer ? ' in a container' : ''}`, () => {
      assert.equal(placeInWords({ env, host: 'loom', isContainer }), `This server runs ${words}.`);
    });
  }

  const given = useServers();

  it('[E10] is said in the log of a server that an editor has started, and of no other', async () => {
    const env = { [addressVariable]: '/nowhere', [keyVariable]: 'key' };
    const served = await given.start({ env });
    await served.says(/^omnispindle: This server runs .+\.$/m);
    assert.ok(served.stderr().includes(hostname()));
    const alone = await given.start();
    await alone.client.listTools();
    await new Promise(resolve => setTimeout(resolve, 400));
    assert.equal(alone.stderr(), '');
  });
});
