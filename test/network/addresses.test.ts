import assert from 'node:assert/strict';
import dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { connectFirst } from '../../src/network/connectFirst.ts';
import { useDirectory } from '../auth/fixtures.ts';
import { describeNeeds } from '../needs.ts';
import { run, startClient } from '../terminal/fixtures.ts';
import { startClosedDoor, type ClosedDoor } from './closedDoor.ts';

const twoAddresses = pathToFileURL(join(import.meta.dirname, 'twoAddresses.mjs')).href;
/** How long (ms) the door stays closed: our process has started and tried to connect by then. */
const closedFor = 1_500;

describeNeeds(['Linux'], 'a name with several addresses', () => {
  const directory = useDirectory();
  const { lookup } = dns.promises;
  let door: ClosedDoor;

  beforeEach(async () => {
    door = await startClosedDoor();
  });
  afterEach(async () => {
    dns.promises.lookup = lookup;
    await door.close();
  });

  function resolveTo(...addresses: string[]): void {
    const found = addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 }));
    dns.promises.lookup = (() => Promise.resolve(found)) as unknown as typeof lookup;
  }

  function surroundings() {
    const tenant = {
      domain: `http://localhost:${String(door.port)}`,
      clientId: 'client',
      audience: 'https://api.example/',
    };
    const env = { NODE_OPTIONS: `--import=${twoAddresses}`, AUTH0_TOKEN: 'opaque-token-of-the-tests' };
    return { tenant, directory: directory.path, env };
  }

  it('[W7] is a server’s, reached by a slow network where the other address leads nowhere', async () => {
    const starting = startClient(['connect', `http://localhost:${String(door.port)}/mcp`], surroundings());
    await delay(closedFor);
    door.open();
    const { client } = await starting;
    assert.equal(client.getServerVersion()?.name, 'slow');
    await client.close();
  });

  it('[W7] is a tenant’s, reached by a slow network where the other address leads nowhere', async () => {
    const checking = run(surroundings(), 'doctor', '--json');
    await delay(closedFor);
    door.open();
    const { findings } = JSON.parse((await checking).stdout) as { findings: object[] };
    const [{ ok, message }] = findings.filter(each => 'check' in each && each.check === 'Tenant') as [
      { ok: boolean; message: string },
    ];
    assert.ok(ok, message);
  });

  it('[W7] is left its time where the next address refuses', async () => {
    resolveTo('127.0.0.1', '127.0.0.2');
    const connecting = connectFirst({ host: 'slow.example', port: door.port });
    await delay(600);
    door.open();
    const socket = await connecting;
    assert.equal(socket.remoteAddress, '127.0.0.1');
    socket.destroy();
  });

  it('[W7] is tried at the next address while the first does not answer', async () => {
    const server = createServer().listen(door.port, '127.0.0.2');
    await once(server, 'listening');
    resolveTo('127.0.0.1', '127.0.0.2');
    const socket = await connectFirst({ host: 'dead.example', port: door.port });
    assert.equal(socket.remoteAddress, '127.0.0.2');
    socket.destroy();
    server.close();
  });

  it('[W7] is tried first at the address that answered before', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const second = createServer().listen(port, '127.0.0.2');
    await once(second, 'listening');
    resolveTo('127.0.0.1', '127.0.0.2');
    const socket = await connectFirst({ host: 'good.example', port, preferred: '127.0.0.2' });
    assert.equal(socket.remoteAddress, '127.0.0.2');
    socket.destroy();
    server.close();
    second.close();
  });

  it('[W7] fails with what each address said', async () => {
    resolveTo('127.0.0.2', '127.0.0.3');
    await assert.rejects(connectFirst({ host: 'closed.example', port: door.port }), (error: Error) => {
      assert.ok(error instanceof AggregateError && 'code' in error);
      assert.equal(error.code, 'ECONNREFUSED');
      assert.match(error.message, /127\.0\.0\.2:\d+; .*127\.0\.0\.3:\d+/);
      return true;
    });
  });
});
