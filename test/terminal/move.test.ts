import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createVerifier } from '../../src/auth/verify.ts';
import { createHttpApp, type HttpServerApp } from '../../src/server/http/app.ts';
import { listen, type Listening } from '../../src/server/http/listen.ts';
import { lateStore } from '../../src/store/lateStore.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqliteStore.ts';
import type { Owner, PersonalStore } from '../../src/store/store.ts';
import type { StoreRecord } from '../../src/store/transfer/records.ts';
import { memoryLog } from '../auth/fixtures.ts';
import { freePort } from '../freePort.ts';
import type { TenantApi } from '../tenant/options.ts';
import { useUser } from '../tenant/useTenant.ts';
import { run, signIn, visits, type Surroundings } from './fixtures.ts';
import { addRows, recordsIn, subOf, withRows } from './ownRows.ts';
import { appOptions } from '../server/http/appOptions.ts';

describe('move', () => {
  const apis: TenantApi[] = [];
  const mrrt: { audience: string; scopes: string[] }[] = [];
  const scopes = ['omnispindle:read', 'omnispindle:write'];
  let port = 0;
  before(async () => {
    port = await freePort();
    const identifier = `http://localhost:${String(port)}/mcp`;
    apis.push({ identifier, scopes });
    mrrt.push({ audience: identifier, scopes });
  });
  const given = useUser(stop, { apis, mrrt });
  const here = (env: Record<string, string> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    env,
  });
  const origin = () => `http://localhost:${String(port)}`;
  let sub: string;
  let theirs: PersonalStore;
  const stopped: (() => Promise<unknown>)[] = [];

  async function stop(): Promise<void> {
    for (const end of stopped.splice(0)) await end();
  }

  beforeEach(async () => {
    await signIn(here());
    sub = await subOf(here());
  });

  /** Starts a team's server. @param answer what answers in its place */
  async function startServer(
    answer: (request: Request, app: HttpServerApp, count: number) => Promise<Response> = (request, app) =>
      app.fetch(request),
  ): Promise<Listening> {
    const store = lateStore<Owner>(() => openSqliteStore(join(given.directory, 'team')));
    const issuer = `${given.tenant.domain}/`;
    const audience = `${origin()}/mcp`;
    const app = createHttpApp({
      verify: createVerifier({ ...given.tenant, audience }, { seeksAtOnce: true }),
      issuer,
      resource: audience,
      publicUrl: new URL(origin()),
      ...appOptions,
      store: store.of,
      log: memoryLog(),
    });
    let count = 0;
    const counting: HttpServerApp = {
      ...app,
      fetch: async request =>
        new URL(request.url).pathname === '/import' && request.headers.has('authorization')
          ? answer(request, app, ++count)
          : app.fetch(request),
    };
    const server = await listen(counting, { host: '127.0.0.1', port, stopLimit: 500 });
    theirs = await store.of({ issuer, sub });
    stopped.push(
      () => server.close(),
      () => store.close(),
    );
    return server;
  }

  /** A server that is none of ours. */
  async function startOther(listener: RequestListener): Promise<void> {
    const server = createServer(listener).listen(port, '127.0.0.1');
    await once(server, 'listening');
    stopped.push(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
  }

  const move = (...args: string[]) => run(here(), 'move', '--to', origin(), ...args);
  const said = (text: string) => text.replaceAll(/\s+/g, ' ');

  it('takes all to the team’s server as it was, checks that, and leaves it here, however often', async () => {
    await withRows(here(), sub, store => addRows(store, 260));
    const mine = await withRows(here(), sub, recordsIn);
    await startServer();
    const moved = await move();
    assert.deepEqual(
      [moved.code, said(moved.stdout)],
      [
        0,
        `All that ada@example.com has here is at ${origin()}/mcp now, which was checked: todos: 260, lessons: 260, log entries: 520 (added: 1040, there already: 0). It stays on this machine, too. `,
      ],
    );
    assert.deepEqual(await recordsIn(theirs), mine);
    assert.deepEqual(await withRows(here(), sub, recordsIn), mine);
    await theirs.updateTodo('id', { notes: 'x' });
    const again = await run(here(), 'move', '--to', `${origin()}/mcp/`, '--json');
    assert.deepEqual(JSON.parse(again.stdout), {
      to: `${origin()}/mcp`,
      account: 'ada@example.com',
      todos: 260,
      lessons: 260,
      logs: 520,
      added: 0,
      same: 1_040,
      newer: 0,
      older: 0,
      leftHere: [],
    });
    assert.doesNotMatch(again.stderr, /Other accounts/);
    assert.deepEqual(await recordsIn(theirs), mine);
    assert.equal(visits(given.directory).length, 1);
  });

  it('tells what other accounts have on this machine, and takes it along where it is told to', async () => {
    const owners = [
      { issuer: 'https://old.example/', sub: 'auth0|ada' },
      { issuer: `${given.tenant.domain}/`, sub: 'google-oauth2|ada' },
      { issuer: 'https://empty.example/', sub: 'auth0|ada' },
    ];
    await withRows(here(), sub, store => addRows(store, 1));
    const store = await openSqliteStore(join(given.directory, 'data'));
    for (const [count, owner] of owners.slice(0, 2).entries()) await addRows(store.of(owner), count + 1);
    const { id } = await store.of(owners[2]!).addTodo({ description: 'Gone', project: 'wool' });
    await store.of(owners[2]!).deleteTodo(id);
    const all = [];
    for (const owner of [{ issuer: owners[1]!.issuer, sub }, ...owners.slice(0, 2)]) {
      all.push(...(await recordsIn(store.of(owner))));
    }
    await store.close();
    await startServer();
    const alone = await move();
    assert.equal(alone.code, 0, alone.stderr);
    assert.match(said(alone.stdout), /^All that ada@example\.com has here .* todos: 1, lessons: 1/);
    const { host } = new URL(given.tenant.domain);
    assert.ok(
      said(alone.stderr).includes(
        `that was not taken along: auth0|ada at old.example (todos: 1, lessons: 1); google-oauth2|ada at ${host} (todos: 2, lessons: 2). If that is yours, too, add --from-all to the command.`,
      ),
      alone.stderr,
    );
    assert.equal((await recordsIn(theirs)).length, 4);
    const { stdout } = await move('--json');
    assert.deepEqual((JSON.parse(stdout) as { leftHere: unknown }).leftHere, [
      { ...owners[0], todos: 1, lessons: 1 },
      { ...owners[1], todos: 2, lessons: 2 },
    ]);
    const taken = await move('--from-all');
    assert.equal(taken.code, 0, taken.stderr);
    assert.match(
      said(taken.stdout),
      /^All that is on this machine, of whatever account, is at .* now as that of ada@example\.com, .* todos: 4, lessons: 4, log entries: 8 \(added: 12, there already: 4\)/,
    );
    assert.doesNotMatch(taken.stderr, /Other accounts/);
    const byId = (records: readonly StoreRecord[]) => records.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    assert.deepEqual(byId(await recordsIn(theirs)), byId(all));
  });

  it('may run twice at once, while somebody adds and changes todos', async () => {
    await withRows(here(), sub, store => addRows(store, 200));
    await startServer();
    const writing = withRows(here(), sub, async store => {
      for (let i = 0; i < 40; i++) {
        const { id } = await store.addTodo({ description: `Late ${String(i)}`, project: 'wool' });
        await delay(20);
        await store.updateTodo(id, { notes: 'later' });
      }
    });
    const [one, other] = await Promise.all([move(), move(), writing]);
    assert.deepEqual([one.code, other.code], [0, 0], one.stderr + other.stderr);
    const last = await move();
    assert.equal(last.code, 0, last.stderr);
    const byId = (records: readonly StoreRecord[]) => records.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const [mine, there] = [await withRows(here(), sub, recordsIn), await recordsIn(theirs)];
    assert.equal(mine.length, 200 * 4 + 40 * 3);
    assert.deepEqual(byId(there), byId(mine));
  });

  it('leaves a later version on the server, and says so', async () => {
    await withRows(here(), sub, store => addRows(store, 1));
    await startServer();
    await move();
    const [todo] = (await theirs.queryTodos({}, { limit: 1, offset: 0 })).items;
    await theirs.updateTodo(todo?.id ?? '', { notes: 'theirs' });
    const { code, stdout } = await move();
    assert.equal(code, 0);
    assert.match(said(stdout), /added: 0, there already: 3; older than what is there, which stays: 1/);
    assert.equal((await theirs.getTodo(todo?.id ?? ''))?.notes, 'theirs');
  });

  it('goes on where the server is busy, breaks off, or is too small for so much at once', async () => {
    await withRows(here(), sub, store => addRows(store, 130));
    const mine = await withRows(here(), sub, recordsIn);
    await startServer(async (request, app, count) => {
      if (count === 1) return new Response(null, { status: 429, headers: { 'retry-after': '1' } });
      if (count === 2) return new Response('{"error_description":"Not now"}', { status: 503 });
      // It was taken, and nobody hears of it.
      if (count === 3) {
        await app.fetch(request);
        return new Response('<html>', { status: 502 });
      }
      const text = await request.clone().text();
      if (text.length > 60_000) return new Response(null, { status: 413 });
      return app.fetch(request);
    });
    const { code, stdout, stderr } = await move();
    assert.equal(code, 0, stderr);
    assert.match(said(stdout), /todos: 130, lessons: 130, log entries: 260/);
    assert.match(said(stderr), /takes no more requests for now \(status 429\).* Next try in 1 s\./);
    assert.deepEqual(await recordsIn(theirs), mine);
  });

  it('does not say that all is there where something is too large, or was not kept', async () => {
    await withRows(here(), sub, async store => {
      await addRows(store, 1);
      await store.addLesson({
        language: 'C',
        topic: 'large',
        lesson_learned: 'x'.repeat(9_000_000),
        tags: [],
      });
    });
    const server = await startServer();
    const large = await move();
    assert.equal(large.code, 1);
    assert.match(
      said(large.stderr),
      /takes nothing as large as 1 of your records, the first of them lesson .*All else is there \(added: 4,/,
    );
    assert.equal((await recordsIn(theirs)).length, 4);
    await server.close();
    await startServer(async request => {
      const text = await request.text();
      const { length } = text.trimEnd().split('\n').slice(1, -1);
      return Response.json({ added: length, same: 0, newer: 0, older: 0 });
    });
    const forgetful = await move();
    assert.equal(forgetful.code, 4);
    assert.match(said(forgetful.stderr), /does not have it when it is asked again/);
  });

  it('says what is wrong with the server, and sends it no token', async () => {
    const tokens: string[] = [];
    const note = (authorization: string | undefined) =>
      authorization !== undefined && tokens.push(authorization);
    const gone = await move();
    assert.equal(gone.code, 4);
    assert.match(said(gone.stderr), /could not be reached|refused the connection|does not answer/i);
    await startOther((request, response) => {
      note(request.headers.authorization);
      response.writeHead(404).end();
    });
    const other = await move();
    assert.equal(other.code, 4);
    assert.match(said(other.stderr), /is no team’s server of Omnispindle.*\(status 404\)/);
    await stop();
    await startOther((request, response) => {
      note(request.headers.authorization);
      response.writeHead(307, { location: 'https://evil.example/import' }).end();
    });
    assert.match(said((await move()).stderr), /is no team’s server of Omnispindle.*\(status 307\)/);
    const plain = await run(here(), 'move', '--to', 'http://todos.example.com');
    assert.equal(plain.code, 2);
    assert.match(said(plain.stderr), /Write https:/);
    assert.deepEqual(tokens, []);
  });

  it('names the scope that the tenant does not give', async () => {
    await withRows(here(), sub, store => addRows(store, 1));
    await startServer(() =>
      Promise.resolve(
        Response.json(
          { error: 'insufficient_scope' },
          {
            status: 403,
            headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="omnispindle:write"' },
          },
        ),
      ),
    );
    const { code, stderr } = await move();
    assert.equal(code, 3, stderr);
    assert.match(
      said(stderr),
      /needs the scope omnispindle:write for this, and your tenant does not give it/,
    );
  });

  it('says what can be done here where a server does not say which API its tokens are for', async () => {
    const tokens: unknown[] = [];
    await startOther((request, response) => {
      if (request.headers.authorization !== undefined) tokens.push(request.headers.authorization);
      response.writeHead(request.url === '/import' ? 401 : 404).end();
    });
    await withRows(here(), sub, store => addRows(store, 1));
    const { code, stderr } = await move();
    assert.equal(code, 2, stderr);
    const texts = said(stderr).match(/does not say which API its tokens are for/g);
    assert.equal(texts?.length, 1, stderr);
    assert.match(said(stderr), /no token was sent\. .*add --audience <identifier> to the command/);
    assert.doesNotMatch(stderr, /connect|args|--default-audience/);
    assert.deepEqual(tokens, []);
  });

  for (const [what, status, challenge] of [
    ['a scope of another API', 403, 'error="insufficient_scope", scope="delete:all"'],
    ['a scope that is none', 403, 'error="insufficient_scope", scope="\u00e9"'],
    ['a stronger sign-in', 401, 'error="insufficient_user_authentication", acr_values="gold"'],
  ] as const) {
    it(`says that a server wants ${what}, which no team’s server does`, async () => {
      await withRows(here(), sub, store => addRows(store, 1));
      const headers = { 'www-authenticate': `Bearer ${challenge}` };
      await startServer(() => Promise.resolve(new Response(null, { status, headers })));
      const { code, stderr } = await move();
      assert.equal(code, 3, stderr);
      assert.match(said(stderr), /wants more than a team’s server of Omnispindle needs.* Check the address/);
      assert.doesNotMatch(stderr, /connect|args|--scope|client/);
    });
  }

  it('renews a token that the server refuses, once', async () => {
    await withRows(here(), sub, store => addRows(store, 1));
    let used: string | null = null;
    await startServer(async (request, app, count) => {
      if (count > 1) {
        assert.notEqual(request.headers.get('authorization'), used);
        return app.fetch(request);
      }
      used = request.headers.get('authorization');
      return new Response(null, {
        status: 401,
        headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
      });
    });
    const { code, stderr } = await move();
    assert.equal(code, 0, stderr);
    assert.equal((await recordsIn(theirs)).length, 4);
  });
});
