import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createVerifier } from '../../../src/auth/verify.ts';
import { addressVariable, keyVariable } from '../../../src/broker/variables.ts';
import { openWindow, question, post, token } from '../../broker/fixtures.ts';
import { forServers } from '../../bundle.ts';
import { run, startClient, visits, type Served } from '../../terminal/fixtures.ts';
import { useUser } from '../../tenant/useTenant.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const example = join(root, 'docs', 'examples', 'server.mjs');
const notes = { identifier: 'https://notes.example.com/', scopes: ['notes:read', 'notes:write'] };
const bank = { identifier: 'https://bank.example.com/', scopes: ['pay'] };
const apis = [notes, bank];

interface Told {
  readonly pid: number;
  readonly aud: string;
  readonly scope: string;
  readonly env: Record<string, string>;
}

/** A server that says what it has, and what it is given: by `getToken()`, or by a command of its own that ends. */
const server = `
import { execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { getToken } from ${JSON.stringify(pathToFileURL(forServers).href)};
const claims = token => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('OMNISPINDLE_BROKER')));
const own = process.env.API_TOKEN;
const tools = {
  variable: () => own,
  asked: () => getToken(),
  helper: () => execFileSync(process.execPath, [process.env.HELPER], { encoding: 'utf8' }).trim(),
};
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  const say = message => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...message }) + '\\n');
  if (method === 'initialize') {
    const serverInfo = { name: 'given', version: '1.0.0' };
    say({ result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo } });
    continue;
  }
  try {
    const token = await tools[params.name]();
    const { aud, scope } = claims(token);
    const told = { pid: process.pid, token, aud: [aud].flat()[0], scope, env };
    say({ result: { content: [{ type: 'text', text: JSON.stringify(told) }] } });
  } catch (error) {
    say({ result: { isError: true, content: [{ type: 'text', text: error.code + ': ' + error.message }] } });
  }
}
`;

describe('a server that omnispindle run has started', () => {
  const started: Served[] = [];
  const given = useUser(
    async () => {
      await Promise.all(started.splice(0).map(({ client }) => client.close()));
    },
    { apis, mrrt: apis.map(({ identifier, scopes }) => ({ audience: identifier, scopes })) },
  );

  async function start(
    flags: readonly string[] = [],
    env: Record<string, string> = {},
    command?: readonly string[],
  ): Promise<Served> {
    const path = join(given.directory, 'server.mjs');
    writeFileSync(path, server);
    const helper = join(given.directory, 'helper.mjs');
    const import_ = `import { getToken } from ${JSON.stringify(pathToFileURL(forServers).href)};`;
    writeFileSync(helper, `${import_} console.log(await getToken());`);
    const served = await startClient(
      ['run', '--variable', 'API_TOKEN', ...flags, '--', ...(command ?? [process.execPath, path])],
      { tenant: given.tenant, directory: given.directory, env: { HELPER: helper, ...env } },
    );
    started.push(served);
    return served;
  }

  async function ask({ client }: Served, name: string): Promise<Told & { token: string }> {
    const { content, isError } = await client.callTool({ name });
    const [{ text } = { text: '' }] = content as { text: string }[];
    assert.ok(!isError, text);
    return JSON.parse(text) as Told & { token: string };
  }

  const renewals = () => given.tenant.counters()['token:refresh_token'] ?? 0;

  it('gets a token for the API that --audience names, in the variable and by getToken()', async () => {
    const served = await start(['--audience', notes.identifier, '--scope', 'notes:read']);
    const variable = await ask(served, 'variable');
    const asked = await ask(served, 'asked');
    assert.deepEqual([variable.aud, asked.aud], [notes.identifier, notes.identifier]);
    assert.ok(variable.scope.split(' ').includes('notes:read'), variable.scope);
    assert.equal(asked.token, variable.token);
    await createVerifier({ ...given.tenant, audience: notes.identifier })(asked.token);
    await assert.rejects(createVerifier(given.tenant)(asked.token), /not for the API/);
    assert.equal(visits(given.directory).length, 1);
  });

  it('gets the token for the default API where no audience is named', async () => {
    assert.equal((await ask(await start(), 'asked')).aud, given.tenant.audience);
  });

  it('goes on with a fresh token where it asks for one, and is not started again', async () => {
    given.tenant.setTokenLifetime(3);
    const served = await start(['--audience', notes.identifier]);
    const first = await ask(served, 'asked');
    const seen = new Set([first.token]);
    for (const end = Date.now() + 30_000; seen.size < 3 && Date.now() < end; await delay(200)) {
      const { pid, token } = await ask(served, 'asked');
      assert.equal(pid, first.pid);
      const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
        exp: number;
      };
      assert.ok((exp + 1) * 1_000 > Date.now());
      seen.add(token);
    }
    assert.equal(seen.size, 3);
    assert.ok(renewals() >= 2);
  });

  it('is started again with a fresh token where only a helper of it that has ended has asked', async () => {
    given.tenant.setTokenLifetime(4);
    const served = await start(['--audience', notes.identifier]);
    const first = await ask(served, 'helper');
    assert.equal(first.aud, notes.identifier);
    // The key is still good for the next one.
    assert.equal((await ask(served, 'helper')).aud, notes.identifier);
    let last = await ask(served, 'variable');
    for (const end = Date.now() + 20_000; last.pid === first.pid && Date.now() < end; await delay(200)) {
      last = await ask(served, 'variable');
    }
    assert.notEqual(last.pid, first.pid);
  });

  it('asks the person to sign in again at its next call after a sign-out', async () => {
    const served = await start();
    const first = await ask(served, 'asked');
    await run({ tenant: given.tenant, directory: given.directory }, 'logout');
    const second = await ask(served, 'asked');
    assert.notEqual(second.token, first.token);
    assert.equal(visits(given.directory).length, 2);
  });

  it('can ask for its own API and scopes alone', async () => {
    const { env } = await ask(
      await start(['--audience', notes.identifier, '--scope', 'notes:read']),
      'asked',
    );
    const reply = async (more: object) => (await post(env, question(more))).body;
    assert.match(await reply({ audience: bank.identifier }), /"access_denied".*--audience/);
    assert.match(await reply({ scopes: ['pay'] }), /"access_denied".*--scope/);
    assert.match(await reply({ audience: notes.identifier, scopes: ['notes:read'] }), /"type":"token"/);
  });

  it('cannot ask the editor that started run, but gets what that editor gives', async () => {
    const claims = Buffer.from(JSON.stringify({ aud: bank.identifier, scope: 'pay' })).toString('base64url');
    const window = openWindow(() => Promise.resolve(token(`e30.${claims}.x`)));
    const { env } = await window.grant('ada', { audience: bank.identifier });
    const told = await ask(await start([], env), 'asked');
    assert.equal(told.aud, bank.identifier);
    assert.notEqual(told.env[addressVariable], env[addressVariable]);
    assert.notEqual(told.env[keyVariable], env[keyVariable]);
    assert.equal(visits(given.directory).length, 0);
    await window.dispose();
  });

  it('gets the AUTH0_TOKEN that run was given by getToken() too', async () => {
    const own = await given.tenant.sign({ aud: notes.identifier });
    const served = await start(['--audience', notes.identifier], { AUTH0_TOKEN: own });
    assert.equal((await ask(served, 'asked')).token, own);
  });

  it('is not given an AUTH0_TOKEN for another API than --audience names', async () => {
    const AUTH0_TOKEN = await given.tenant.sign({ aud: bank.identifier });
    await assert.rejects(
      start(['--audience', notes.identifier], { AUTH0_TOKEN }),
      /not for the API https:\/\/notes\.example\.com\//,
    );
  });

  it('leaves no socket behind when it ends', async () => {
    const served = await start();
    const { env } = await ask(served, 'asked');
    const socket = env[addressVariable] ?? '';
    assert.ok(existsSync(socket));
    await served.client.close();
    await served.gone;
    assert.ok(!existsSync(dirname(socket)));
  });

  describe('that is the example of the documentation', () => {
    let api: Server;
    let heard: string[];

    beforeEach(async () => {
      heard = [];
      const verify = createVerifier({ ...given.tenant, audience: notes.identifier });
      api = createServer((request, response) => {
        void (async () => {
          const text = (request.headers.authorization ?? '').replace('Bearer ', '');
          // It refuses the first token that it sees, as one that was withdrawn.
          const isRefused = heard.length === 0 || heard[0] === text;
          heard.push(text);
          const { sub, scopes } = await verify(text);
          response.writeHead(isRefused ? 401 : 200);
          response.end(isRefused ? 'no' : JSON.stringify({ sub, scopes }));
        })().catch((error: unknown) => response.writeHead(500).end(String(error)));
      }).listen(0, '127.0.0.1');
      await once(api, 'listening');
    });
    afterEach(() => {
      api.closeAllConnections();
      api.close();
    });

    it('calls an API as the person, and again with another token where that one was withdrawn', async () => {
      const command = [process.execPath, example];
      const NOTES_API = `http://127.0.0.1:${String((api.address() as AddressInfo).port)}/`;
      const flags = ['--audience', notes.identifier, '--scope', 'notes:read'];
      const { client } = await start(flags, { NOTES_API }, command);
      const { content, isError } = await client.callTool({ name: 'list_notes' });
      const [{ text } = { text: '' }] = content as { text: string }[];
      assert.ok(!isError, text);
      const { sub, scopes } = JSON.parse(text) as { sub: string; scopes: string[] };
      assert.equal(sub, 'auth0|ada');
      assert.ok(scopes.includes('notes:read'));
      assert.equal(heard.length, 2);
      assert.notEqual(heard[0], heard[1]);
    });
  });
});

describe('getToken() of omnispindle/server', () => {
  const given = useUser();

  /** What a program that nobody of ours started says. */
  async function program(body: string, env: Record<string, string> = {}): Promise<string> {
    const path = join(given.directory, 'program.mjs');
    const from = JSON.stringify(pathToFileURL(forServers).href);
    writeFileSync(path, `import { getToken, OmnispindleError } from ${from};\n${body}`);
    const { stdout } = await promisify(execFile)(process.execPath, [path], { env });
    return stdout.trim();
  }
  const say = `const error = await getToken().catch(error => error);
    console.log(error instanceof OmnispindleError, error.code, error.message);`;

  it('says how to start a server that Omnispindle has not started', async () => {
    assert.match(await program(say), /^true invalid_settings .*omnispindle run --variable NAME -- COMMAND/);
  });

  it('says that what has started the server is gone', async () => {
    const window = openWindow(() => Promise.resolve(token('a')));
    const { env } = await window.grant('ada');
    await window.dispose();
    assert.match(await program(say, env), /^true session_lost /);
  });

  it('asks for all the scopes of its key, once for calls at once, and stops waiting when told to', async () => {
    const asked: (readonly string[] | undefined)[] = [];
    const window = openWindow((_account, { scopes, signal }) => {
      asked.push(scopes);
      if (asked.length === 1) return Promise.resolve(token('a'));
      return new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
      });
    });
    const { env } = await window.grant('ada', { scopes: ['notes:read'] });
    const body = `console.log(await getToken(), await getToken());
      const signal = AbortSignal.timeout(200);
      console.log((await getToken({ signal, rejected: 'a' }).catch(error => error)).code);`;
    assert.equal(await program(body, env), 'a a\ncancelled');
    assert.deepEqual(asked, [['notes:read'], ['notes:read']]);
    await window.dispose();
  });

  it('lets a program end that has nothing else to do', async () => {
    const window = openWindow(() => Promise.resolve(token('a')));
    const { env } = await window.grant('ada');
    assert.equal(await program('console.log(await getToken());', env), 'a');
    await window.dispose();
  });

  it('is what the package gives by that name', () => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      exports: Record<string, { import: string }>;
    };
    assert.equal(join(root, exports['./server']?.import ?? ''), forServers);
  });
});
