import assert from 'node:assert/strict';
import type { Owner, PersonalStore } from '../../../src/store/store.ts';
import { StoreError } from '../../../src/store/storeError.ts';
import type { StoreRecord } from '../../../src/store/transfer/records.ts';
import { exportLines } from '../../../src/store/transfer/writeLines.ts';
import { createHttpApp } from '../../../src/server/http/app.ts';
import { publicUrl, useHttpApp } from './fixtures.ts';

const at = '2026-01-01T00:00:00.000Z';
const lessonOf = (id: string, lesson_learned = 'Quote it.'): StoreRecord => ({
  type: 'lesson',
  id,
  language: 'SQL',
  topic: 'FTS5',
  lesson_learned,
  tags: [],
  created_at: at,
  updated_at: at,
});

async function bodyOf(records: readonly StoreRecord[]): Promise<string> {
  let body = '';
  for await (const line of exportLines(records, at)) body += line;
  return body;
}

describe('records that are sent to the HTTP server', () => {
  const given = useHttpApp();
  const page = { limit: 10, offset: 0 };
  let subs = 0;
  let owner: Owner;
  let mine: PersonalStore;
  beforeEach(async () => {
    owner = { issuer: given.tenant.issuer, sub: `auth0|${String(++subs)}` };
    mine = await given.store.of(owner);
  });

  interface Sent {
    readonly token?: string;
    readonly type?: string;
    readonly method?: string;
    readonly headers?: Record<string, string>;
  }

  async function send(
    body: string | ReadableStream<Uint8Array> | null,
    sent: Sent = {},
    app = given.app,
  ): Promise<Response> {
    const token = sent.token ?? (await given.sign({ sub: owner.sub }));
    return app.fetch(
      new Request(new URL('/import', publicUrl), {
        method: sent.method ?? 'POST',
        headers: {
          host: publicUrl.host,
          'content-type': sent.type ?? 'application/jsonl',
          ...(token !== '' && { authorization: `Bearer ${token}` }),
          ...sent.headers,
        },
        body,
        ...(body instanceof ReadableStream && { duplex: 'half' }),
      }),
    );
  }

  async function refuses(status: number, message: RegExp, answered: Promise<Response>): Promise<Response> {
    const response = await answered;
    const { error_description: said } = (await response.json()) as { error_description: string };
    assert.equal(response.status, status, said);
    assert.match(said, message);
    assert.equal((await mine.listLessons({}, page)).total, 0);
    return response;
  }

  it('become the rows of the token’s account, once however often they come', async () => {
    const body = await bodyOf([lessonOf('a'), lessonOf('b')]);
    const first = await send(body);
    assert.deepEqual([first.status, await first.json()], [200, { added: 2, same: 0, newer: 0, older: 0 }]);
    const again = await send(body, { type: 'application/x-ndjson; charset=utf-8' });
    assert.deepEqual(await again.json(), { added: 0, same: 2, newer: 0, older: 0 });
    assert.equal((await mine.listLessons({}, page)).total, 2);
    const hers = await given.sign({ sub: 'auth0|eve' });
    assert.deepEqual(await (await send(body, { token: hers })).json(), {
      added: 2,
      same: 0,
      newer: 0,
      older: 0,
    });
  });

  it('need a valid token, with the scope that writes', async () => {
    const body = await bodyOf([lessonOf('a')]);
    const without = await refuses(401, /access token is needed/, send(body, { token: '' }));
    assert.match(without.headers.get('www-authenticate') ?? '', /^Bearer scope=/);
    await refuses(401, /./, send(body, { token: 'x.y.z' }));
    const reads = await given.sign({ sub: owner.sub, scope: 'omnispindle:read' });
    const refused = await refuses(403, /omnispindle:write/, send(body, { token: reads }));
    assert.match(
      refused.headers.get('www-authenticate') ?? '',
      /^Bearer error="insufficient_scope", .*scope="omnispindle:write", resource_metadata="https:/,
    );
    assert.ok(given.log.lines.some(line => /^403: import: .*omnispindle:write/.test(line)));
  });

  it('are refused as a whole where a line is wrong or missing, with the line', async () => {
    const whole = await bodyOf([lessonOf('a'), lessonOf('b')]);
    await refuses(400, /^Line 3 .*not JSON/, send(whole.replace(/(?<=\n)\{(?=.*"id":"b")/, '[')));
    await refuses(400, /last line is missing/, send(whole.slice(0, whole.lastIndexOf('{'))));
    await refuses(400, /no export/, send(''));
    await refuses(400, /no export/, send(null));
    await refuses(
      400,
      /no field "owner"/,
      send(whole.replace('"type":"lesson"', '"owner":1,"type":"lesson"')),
    );
    await refuses(415, /application\/jsonl/, send(whole, { type: 'application/json' }));
    await refuses(415, /as they are/, send(whole, { headers: { 'content-encoding': 'gzip' } }));
    const put = await refuses(405, /POST/, send(whole, { method: 'PUT' }));
    assert.equal(put.headers.get('allow'), 'POST');
    await refuses(403, /./, send(whole, { headers: { origin: 'https://evil.example' } }).then(asDescribed));
  });

  it('are bounded, also where their size is not said', async () => {
    const large = await bodyOf([lessonOf('a', 'x'.repeat(9_000_000))]);
    await refuses(413, /at most 8388608 bytes/, send(large));
    let sentBytes = 0;
    let isCancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sentBytes += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(0x0a));
      },
      cancel() {
        isCancelled = true;
      },
    });
    await refuses(413, /at most/, send(endless));
    assert.ok(isCancelled && sentBytes < 9_000_000);
    const many = Array.from({ length: 2_001 }, (_, i) => lessonOf(String(i)));
    await refuses(413, /2000 records/, send(await bodyOf(many)));
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new Error('gone'));
      },
    });
    await refuses(400, /to its end/, send(broken));
  });

  it('come again later where the store does not answer, without its words for the machine', async () => {
    for (const code of ['busy', 'unavailable'] as const) {
      const app = createHttpApp({
        ...given.options,
        store: () => Promise.reject(new StoreError(code, 'Not now: postgres://requests:S3CRET@db/x')),
      });
      const refused = await refuses(503, /Not now/, send(await bodyOf([lessonOf('a')]), {}, app));
      assert.equal(refused.headers.get('retry-after'), '5');
    }
  });

  it('find nothing to take them over where no tool writes', async () => {
    const app = createHttpApp({ ...given.options, loadout: 'read_only' });
    assert.equal((await send(await bodyOf([lessonOf('a')]), {}, app)).status, 404);
  });

  it('are taken one after the other of each account, and of others meanwhile', async () => {
    const { promise: released, resolve } = Promise.withResolvers<undefined>();
    const asked: string[] = [];
    const app = createHttpApp({
      ...given.options,
      async store(caller) {
        asked.push(caller.sub);
        if (asked.length === 1) await released;
        return given.store.of(caller);
      },
    });
    try {
      const body = await bodyOf([lessonOf('a')]);
      const sent = Array.from({ length: 10 }, () => send(body, {}, app));
      const refused = await Promise.race(sent);
      assert.equal(refused.status, 429);
      assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
      const other = await given.sign({ sub: 'auth0|another' });
      assert.equal((await send(body, { token: other }, app)).status, 200);
      assert.deepEqual(asked, [owner.sub, 'auth0|another']);
      resolve(undefined);
      const statuses = await Promise.all(sent.map(async answer => (await answer).status));
      assert.deepEqual(statuses.sort(), [...Array<number>(9).fill(200), 429]);
    } finally {
      resolve(undefined);
      await app.close();
    }
  });

  it('have so many values in a line that others need not wait', async () => {
    for (const wrong of [
      { tags: Array<number>(900_000).fill(1) },
      { tags: Array<string>(60_000).fill('a') },
    ]) {
      const line = JSON.stringify({ ...lessonOf('a'), ...wrong });
      const whole = await bodyOf([lessonOf('a')]);
      await refuses(400, /^Line 2 .*too many values/, send(whole.replace(/(?<=\n)\{.*"lesson".*\}/, line)));
    }
  });
});

async function asDescribed(response: Response): Promise<Response> {
  return Response.json({ error_description: await response.text() }, response);
}
