import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { startRemoteServer, type RemoteServer } from '../../bridge/remote/remoteServer.ts';
import { basic, startProxy, type ForwardProxy } from '../../network/forwardProxy.ts';
import { demoUser } from '../../tenant/accounts.ts';
import { hiddenServer, hiddenTenant, type HiddenWorld } from '../parts.ts';
import { account, callTool, eventually, person, setOption, signInByCommand, startServer } from './helpers.ts';

const given = process.env['OMNISPINDLE_SUITE_HIDDEN'];
const password = 'S3CRET';

// Where all parts run in one editor, the tenant can be found.
(given === undefined ? describe.skip : describe)('an editor behind http.proxy', () => {
  const world = JSON.parse(given ?? '{}') as HiddenWorld;
  let proxy: ForwardProxy;
  let remote: RemoteServer;

  before(async () => {
    proxy = await startProxy();
    const certificate = { key: readFileSync(world.key, 'utf8'), cert: readFileSync(world.cert, 'utf8') };
    remote = await startRemoteServer({ host: hiddenServer, certificate });
    await setOption('signIn.flow', 'uriHandler');
    await setHttp('proxy', `http://${proxy.address}`);
  });
  after(async () => {
    await setOption('servers', undefined);
    await setHttp('proxy', undefined);
    await proxy.stop();
    await remote.stop();
  });

  /** The hosts that were asked for through the proxy since the last look. */
  function tunnels(): string[] {
    const hosts = proxy.requests.splice(0).map(({ url = '' }) => url.replace(/:\d+$/, ''));
    return [...new Set(hosts)].sort();
  }

  it('[E6] signs in through it', async () => {
    await signInByCommand();
    await person.signIn(demoUser);
    await eventually('the session', account);
    assert.deepEqual(tunnels(), [hiddenTenant]);
  });

  it('[E6] runs the bundled server, whose tools work', async () => {
    await startServer();
    assert.match(await callTool('whoami'), /ada@example\.com/);
    assert.deepEqual(tunnels(), [hiddenTenant]);
  });

  it('[E6] runs a remote server, whose tools work', async () => {
    await setOption('servers', {
      'Hidden Loom': { url: remote.url, audience: 'https://api.demo.omnispindle.example/' },
    });
    await startServer('Hidden Loom', 'echo');
    assert.equal(await callTool('echo', { text: 'hello' }), 'hello');
    assert.ok(tunnels().includes(hiddenServer));
  });

  it('[E6] starts servers again when its settings change, here to a proxy with a password', async () => {
    await setHttp('proxy', `http://ada:${password}@${proxy.address}`);
    await eventually('a call that told the proxy the password', async () => {
      await callTool('echo', { text: 'hello' }).catch(() => undefined);
      return proxy.requests.some(
        ({ url, headers }) =>
          url?.startsWith(hiddenServer) && headers['proxy-authorization'] === basic('ada'),
      );
    });
    assert.equal(await callTool('echo', { text: 'hello' }), 'hello');
    assert.match(await callTool('whoami'), /ada@example\.com/);
  });

  it('[E6] writes the password nowhere, and gives it to no process but by the broker', async () => {
    const told = basic('ada').slice('Basic '.length);
    const found = [...textsIn(join(world.profile, 'data')), ...processTexts()].filter(
      ({ text }) => text.includes(password) || text.includes(told),
    );
    // The person's own settings, what the editor keeps of their changes, and the log of its agent host, which has them too.
    const own = found.filter(
      ({ path }) => !/[\\/](?:User[\\/](?:settings\.json|History[\\/])|ahp[\\/])/.test(path),
    );
    assert.deepEqual(
      own.map(({ path }) => path),
      [],
    );
  });

  it('[E6] leaves out what http.noProxy names, and the error says what it could not reach', async () => {
    await setHttp('noProxy', [hiddenServer]);
    proxy.requests.length = 0;
    await eventually('a call that fails', async () => {
      const said = await callTool('echo', { text: 'hello' }).then(
        text => text,
        (error: unknown) => String(error),
      );
      return said !== 'hello';
    });
    await setHttp('noProxy', undefined);
    await eventually('a call that works again', async () => {
      return (await callTool('echo', { text: 'hello' }).catch(() => '')) === 'hello';
    });
  });
});

async function setHttp(key: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration('http').update(key, value, vscode.ConfigurationTarget.Global);
}

interface Found {
  readonly path: string;
  readonly text: string;
}

/** What is in all files below a directory. */
function textsIn(directory: string): Found[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).flatMap(name => {
    const path = join(directory, name);
    try {
      return lstatSync(path).isFile() ? [{ path, text: readFileSync(path, 'latin1') }] : [];
    } catch {
      // It was removed just now.
      return [];
    }
  });
}

/** What others can read of the processes of this machine (Linux). */
function processTexts(): Found[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid =>
      ['environ', 'cmdline'].flatMap(file => {
        const path = join('/proc', pid, file);
        try {
          return [{ path, text: readFileSync(path, 'latin1') }];
        } catch {
          return [];
        }
      }),
    );
}
