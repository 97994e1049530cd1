import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/client';
import {
  createMcpHandler,
  InMemoryTransport,
  type AuthInfo,
  type JSONRPCMessage,
} from '@modelcontextprotocol/server';
import { refusalMessage, type Authenticate } from '../../src/server/authenticate.ts';
import { createServer, type ServerOptions } from '../../src/server/createServer.ts';
import { OmnispindleError } from '../../src/common/errors.ts';
import { lateStore, type LateStore } from '../../src/store/lateStore.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqliteStore.ts';
import type { Owner } from '../../src/store/store.ts';
import { memoryLog, useDirectory } from '../auth/fixtures.ts';
import { envelope } from './eras.ts';

type Values = Record<string, unknown>;

const issuer = 'https://tenant.example/';
const both = ['omnispindle:read', 'omnispindle:write'];
const authInfoOf = (sub: string, scopes = both): AuthInfo => ({ token: sub, clientId: 'test', scopes });

/** Takes the bearer's token for the name of the account. */
const byToken: Authenticate = ({ http }) => {
  const { token: sub, scopes } = http?.authInfo ?? {};
  return sub === undefined
    ? Promise.reject(new OmnispindleError('login_required', 'Send a token.'))
    : Promise.resolve({ caller: { issuer, sub, scopes: scopes ?? [] } });
};

describe('a server that asks for every request who calls', () => {
  const directory = useDirectory();
  let store: LateStore<Owner>;
  let options: ServerOptions;
  beforeEach(() => {
    store = lateStore(() => openSqliteStore(directory.path));
    options = {
      authenticate: byToken,
      store: store.of,
      loadout: 'full',
      log: memoryLog(),
      version: '1.2.3',
    };
  });
  afterEach(() => store.close());

  /** A client of one server, whose calls say in `_meta` with which token and scopes they come. */
  async function connect(more: Partial<ServerOptions> = {}) {
    const [near, far] = InMemoryTransport.createLinkedPair();
    const send = near.send.bind(near);
    near.send = (message: JSONRPCMessage) => {
      const meta = 'params' in message ? message.params?._meta : undefined;
      const { as, scopes } = (meta ?? {}) as { as?: string; scopes?: string[] };
      return send(message, as === undefined ? {} : { authInfo: authInfoOf(as, scopes) });
    };
    const client = new Client({ name: 'test', version: '1.0.0' });
    await Promise.all([createServer({ ...options, ...more }).connect(far), client.connect(near)]);
    return (as: string | undefined, name: string, input: Values = {}, scopes?: readonly string[]) =>
      client.callTool({ name, arguments: input, _meta: { as, scopes } });
  }

  it('answers two accounts on one connection, each with its own todos', async () => {
    const call = await connect();
    const names = ['ada', 'lin', 'ada', 'lin', 'lin'];
    await Promise.all(
      names.map((as, i) => call(as, 'add_todo', { description: `${as} ${String(i)}`, project: 'wool' })),
    );
    const [ada, lin] = await Promise.all(
      ['ada', 'lin'].map(
        async as => (await call(as, 'query_todos')).structuredContent as { todos: Values[] },
      ),
    );
    const descriptions = (found: typeof ada) => found?.todos.map(({ description }) => description).sort();
    assert.deepEqual(descriptions(ada), ['ada 0', 'ada 2']);
    assert.deepEqual(descriptions(lin), ['lin 1', 'lin 3', 'lin 4']);
    const todo_id = lin?.todos[0]?.['id'];
    assert.equal((await call('ada', 'get_todo', { todo_id })).isError, true);
    assert.equal((await call('lin', 'get_todo', { todo_id })).isError, undefined);
    assert.equal(((await call('ada', 'whoami')).structuredContent as Values)['sub'], 'ada');
  });

  it('runs nothing for a request that nobody stands behind, and says what the check says', async () => {
    const call = await connect();
    await call('ada', 'whoami');
    const { isError, content } = await call(undefined, 'add_todo', { description: 'x', project: 'x' });
    assert.deepEqual([isError, content], [true, [{ type: 'text', text: 'Send a token.' }]]);
    assert.equal(((await call('ada', 'query_todos')).structuredContent as Values)['total'], 0);
  });

  it('hands on what an error of ours says, and something to do for any other error', () => {
    assert.equal(refusalMessage(new OmnispindleError('timed_out', 'Nobody signed in.')), 'Nobody signed in.');
    assert.match(refusalMessage(new TypeError('x')), /Try again/);
  });

  it('asks for no scope unless it is told to', async () => {
    const call = await connect();
    assert.equal((await call('ada', 'add_todo', { description: 'x', project: 'x' }, [])).isError, undefined);
  });

  it('refuses a tool whose scope the account does not have, and names the scope', async () => {
    const call = await connect({ requireScopes: true });
    const read = ['omnispindle:read'];
    const refused = await call('ada', 'add_todo', { description: 'x', project: 'x' }, read);
    assert.equal(refused.isError, true);
    assert.match(JSON.stringify(refused.content), /omnispindle:write.*insufficient_scope/);
    assert.equal(((await call('ada', 'query_todos', {}, read)).structuredContent as Values)['total'], 0);
    assert.equal((await call('ada', 'query_todos', {}, ['omnispindle:write'])).isError, true);
    // Who has too few scopes must be able to find that out.
    assert.equal((await call('ada', 'whoami', {}, [])).isError, undefined);
  });

  for (const [era, meta] of [
    ['2025', undefined],
    ['2026', envelope()],
  ] as const) {
    it(`answers two accounts over HTTP, and 403 where a scope is missing, in the era of ${era}`, async () => {
      const handler = createMcpHandler(() => createServer({ ...options, requireScopes: true }));
      async function call(as: string, name: string, input: Values, scopes?: string[]) {
        const request = new Request('http://localhost/mcp', {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            'mcp-protocol-version': meta ? '2026-07-28' : '2025-11-25',
            ...(meta && { 'mcp-method': 'tools/call', 'mcp-name': name }),
          },
          body: JSON.stringify({
            jsonrpc: '2.0',
            id: 1,
            method: 'tools/call',
            params: { name, arguments: input, ...(meta && { _meta: meta }) },
          }),
        });
        return handler.fetch(request, { authInfo: authInfoOf(as, scopes) });
      }
      try {
        for (const as of ['ada', 'lin', 'lin']) {
          const added = await call(as, 'add_todo', { description: `of ${as}`, project: 'wool' });
          assert.equal(added.status, 200);
          assert.match(await added.text(), new RegExp(`of ${as}`));
        }
        for (const [as, total] of [
          ['ada', 1],
          ['lin', 2],
        ] as const) {
          const text = await (await call(as, 'query_todos', {})).text();
          assert.match(text, new RegExp(`"total":${String(total)}`));
          assert.ok(!text.includes(as === 'ada' ? 'of lin' : 'of ada'));
        }
        const refused = await call('ada', 'add_todo', { description: 'x', project: 'x' }, [
          'omnispindle:read',
        ]);
        assert.equal(refused.status, 403);
        const challenge = refused.headers.get('www-authenticate') ?? '';
        assert.match(challenge, /^Bearer .*error="insufficient_scope"/);
        assert.match(challenge, /scope="omnispindle:write"/);
        assert.equal((await call('ada', 'whoami', {}, [])).status, 200);
      } finally {
        await handler.close();
      }
    });
  }
});
