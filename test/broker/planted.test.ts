import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { createBrokerTokenSource } from '../../src/broker/client.ts';
import type { BrokerGrant, BrokerHost } from '../../src/broker/host.ts';
import { addressVariable } from '../../src/broker/variables.ts';
import { failsWith, useDirectory } from '../auth/fixtures.ts';
import { stranger } from '../platform/plants.ts';
import { openWindow, post, question, token } from './fixtures.ts';
import { itNeeds, type Need } from '../needs.ts';

/** A broker of another user, which tells what it hears and answers with a token of its own. */
const theirBroker = `
  import { createServer } from 'node:http';
  const reply = JSON.stringify({ type: 'token', accessToken: 'theirs', expiresAt: Date.now() + 3600000, lifetime: 3600000 });
  createServer((request, response) => {
    console.log('heard ' + request.headers.authorization);
    if (request.url === '/events') response.writeHead(200).flushHeaders();
    else response.end(reply + '\\n');
  }).on('connection', () => console.log('heard a connection')).listen(process.argv[1], () => console.log('listening'));
`;

describe('[T7] what another user puts in place of the broker', () => {
  const given = useDirectory();
  let window: BrokerHost;
  let grant: BrokerGrant;
  let address: string;
  let directory: string;
  let theirs: ChildProcess | undefined;
  let lines: Interface;
  let heard: string[];

  beforeEach(async () => {
    chmodSync(given.path, 0o755);
    heard = [];
    window = openWindow(() => Promise.resolve(token('own')));
    grant = await window.grant('ada');
    address = grant.env[addressVariable]!;
    directory = dirname(address);
  });
  afterEach(async () => {
    if (theirs) {
      theirs.kill('SIGKILL');
      await once(theirs, 'close');
      theirs = undefined;
    }
    await window.dispose();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Makes a directory of the other user's, in which their broker listens. @returns it */
  async function listenThere(): Promise<string> {
    const place = join(given.path, 'theirs');
    mkdirSync(place, { mode: 0o755 });
    chownSync(place, stranger, stranger);
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', theirBroker, join(place, 'broker.sock')],
      {
        uid: stranger,
        gid: stranger,
        cwd: '/',
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    theirs = child;
    lines = createInterface({ input: child.stdout });
    await once(lines, 'line');
    lines.on('line', line => heard.push(line));
    return place;
  }

  const plants: Record<string, () => Promise<void>> = {
    'their directory, where the first one was tidied away': async () => {
      const place = await listenThere();
      rmSync(directory, { recursive: true });
      renameSync(place, directory);
    },
    'a link to their directory': async () => {
      const place = await listenThere();
      rmSync(directory, { recursive: true });
      symlinkSync(place, directory);
    },
    'a link to their socket': async () => {
      const place = await listenThere();
      rmSync(address);
      symlinkSync(join(place, 'broker.sock'), address);
    },
    'their socket, in the user’s own directory that all could write into': async () => {
      const place = await listenThere();
      chmodSync(directory, 0o777);
      rmSync(address);
      renameSync(join(place, 'broker.sock'), address);
    },
    'their socket, in the user’s own directory': async () => {
      const place = await listenThere();
      rmSync(address);
      renameSync(join(place, 'broker.sock'), address);
    },
    'a file': () => {
      rmSync(address);
      writeFileSync(address, '');
      return Promise.resolve();
    },
    'the first socket, in a directory that others can look into': () => {
      chmodSync(directory, 0o755);
      return Promise.resolve();
    },
  };
  for (const [name, plant] of Object.entries(plants)) {
    // Only root can play the other user.
    const needs: readonly Need[] = /\btheir\b/.test(name) ? ['root'] : ['a POSIX system'];
    itNeeds(needs, `is told no key and gives no token: ${name}`, async () => {
      await plant();
      const client = createBrokerTokenSource(grant.env)!;
      await failsWith(
        client.getToken({}),
        'storage_failed',
        /another user of this machine.*Nothing was sent/,
      );
      client.dispose();
      assert.deepEqual(heard, []);
    });

    itNeeds(needs, `is not where the next server is sent: ${name}`, async () => {
      await plant();
      const next = await window.grant('ada');
      assert.notEqual(dirname(next.env[addressVariable]!), directory);
      const client = createBrokerTokenSource(next.env)!;
      assert.equal((await client.getToken({})).accessToken, 'own');
      client.dispose();
      assert.deepEqual(heard, []);
    });
  }

  itNeeds(['root'], 'is told no key where it comes between two calls', async () => {
    const client = createBrokerTokenSource(grant.env)!;
    assert.equal((await client.getToken({})).accessToken, 'own');
    await plants['their directory, where the first one was tidied away']!();
    await failsWith(client.getToken({ rejected: 'own' }), 'storage_failed', /Nothing was sent/);
    client.dispose();
    assert.deepEqual(heard, []);
  });

  it('is told no key where its address is a name without a file', async () => {
    const client = createBrokerTokenSource({ ...grant.env, [addressVariable]: '\0omnispindle' })!;
    await failsWith(client.getToken({}), 'storage_failed', /Nothing was sent/);
    client.dispose();
  });
});

describe('[T7] the directory in which the broker makes its own', () => {
  const given = useDirectory();
  const before = process.env['TMPDIR'];
  afterEach(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });

  const own = process.getuid?.() ?? 0;
  for (const [name, mode, uid, isUsed] of [
    ['is the temporary one where only the user writes into it', 0o755, own, true],
    ['is the temporary one where all write into it and nobody renames what is another’s', 0o1777, own, true],
    ['is another one where all may rename what is in the temporary one', 0o777, own, false],
    ['is another one where a group may rename what is in the temporary one', 0o770, own, false],
    ['is another one where the temporary one is somebody else’s', 0o700, stranger, false],
    [
      'is another one where the temporary one is somebody else’s, even if it is sticky',
      0o1777,
      stranger,
      false,
    ],
  ] as const) {
    itNeeds(uid === stranger ? ['root'] : ['a POSIX system'], name, async () => {
      const base = join(given.path, 'tmp');
      mkdirSync(base);
      chmodSync(base, mode);
      chownSync(base, uid, uid);
      process.env['TMPDIR'] = base;
      const window = openWindow(() => Promise.resolve(token('own')));
      const { env } = await window.grant('ada');
      assert.equal(dirname(dirname(env[addressVariable]!)) === base, isUsed);
      assert.equal(statSync(dirname(env[addressVariable]!)).mode & 0o777, 0o700);
      assert.equal((await post(env, question())).status, 200);
      await window.dispose();
    });
  }
});
