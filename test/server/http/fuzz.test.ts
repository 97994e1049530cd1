import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createHttpApp, defaultLimits } from '../../../src/server/http/app.ts';
import { envelope, revision } from '../eras.ts';
import { audience, callOf, resultOf, useHttpApp } from './fixtures.ts';

const methods = [
  'initialize',
  'ping',
  'tools/list',
  'tools/call',
  'server/discover',
  'subscriptions/listen',
  'completion/complete',
  'logging/setLevel',
  'resources/list',
  'resources/read',
  'prompts/get',
  'tasks/get',
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'elicitation/create',
  '__proto__',
  'constructor',
];
const tools = [
  'whoami',
  'add_todo',
  'query_todos',
  'search_todos',
  'grep_lessons',
  'toString',
  '__proto__',
  '',
];

/** Something that is nearly right: what is quite wrong is refused before it gets anywhere. */
const or = <T>(usual: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: fc.jsonValue() });

const argumentsOfTools = fc.dictionary(
  fc.constantFrom(
    'description',
    'project',
    'query',
    'limit',
    'offset',
    'cursor',
    'todo_id',
    'filter',
    '__proto__',
  ),
  fc.jsonValue(),
);
const meta = fc.oneof(
  fc.constant(envelope()),
  fc.constant(envelope({}, '2099-01-01')),
  fc.dictionary(fc.constantFrom(...Object.keys(envelope()), 'progressToken'), fc.jsonValue()),
);
const params = fc.record(
  {
    name: or(fc.constantFrom(...tools)),
    arguments: or(argumentsOfTools),
    _meta: or(meta),
    protocolVersion: or(fc.constantFrom('2025-11-25', '2024-11-05', revision)),
    capabilities: or(fc.constant({})),
    clientInfo: or(fc.constant({ name: 'fuzz', version: '1' })),
    cursor: fc.jsonValue(),
    requestId: fc.jsonValue(),
    notifications: or(fc.constant({ toolsListChanged: true })),
  },
  { requiredKeys: [] },
);
const message = fc.record(
  {
    jsonrpc: or(fc.constant('2.0')),
    id: or(fc.oneof(fc.integer(), fc.string())),
    method: or(fc.constantFrom(...methods)),
    params: or(params),
    result: fc.jsonValue(),
    error: fc.jsonValue(),
  },
  { requiredKeys: ['jsonrpc', 'method'] },
);
const body = fc.oneof(
  { weight: 8, arbitrary: message.map(value => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.array(message, { maxLength: 4 }).map(value => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  {
    weight: 1,
    arbitrary: fc.tuple(message, fc.nat(40)).map(([value, cut]) => JSON.stringify(value).slice(0, -cut - 1)),
  },
);
const headerText = fc.string({ unit: fc.constantFrom(...Array.from('abc/-_=?.0123456789 "')) });
const headers = fc.record(
  {
    'mcp-method': fc.oneof(fc.constantFrom(...methods), headerText),
    'mcp-name': fc.oneof(fc.constantFrom(...tools), headerText),
    'mcp-protocol-version': fc.oneof(fc.constantFrom(revision, '2025-11-25', '2025-03-26'), headerText),
    'mcp-session-id': headerText,
    'last-event-id': headerText,
    accept: fc.constantFrom(
      '*/*',
      'application/json',
      'text/event-stream',
      'application/json, text/event-stream',
    ),
  },
  { requiredKeys: [] },
);

/** Messages in all; each is sent as a client of either era would, and as nobody would. */
const runs = 10_000;

describe('a server over HTTP, before whatever comes', () => {
  const given = useHttpApp();

  it(`answers ${String(runs)} random messages without an error of its own, and goes on`, async () => {
    const app = createHttpApp({
      ...given.options,
      limits: { ...defaultLimits, concurrency: { overall: 10_000, perAccount: 10_000 } },
    });
    const token = await given.sign();
    const statuses = new Set<number>();
    try {
      await fc.assert(
        fc.asyncProperty(
          body,
          headers,
          fc.constantFrom('2025', '2026', 'neither'),
          async (text, wild, era) => {
            const [method = '', name = ''] = [/"method":"([\w/]+)"/, /"name":"(\w+)"/].map(
              pattern => pattern.exec(text)?.[1],
            );
            const usual = {
              accept: 'application/json, text/event-stream',
              ...(era === '2026' && { 'mcp-protocol-version': revision, 'mcp-method': method }),
              ...(era === '2026' && name !== '' && { 'mcp-name': name }),
            };
            const request = new Request(audience, {
              method: 'POST',
              headers: {
                host: 'todos.example.com',
                'content-type': 'application/json',
                authorization: `Bearer ${token}`,
                ...usual,
                ...(era === 'neither' && wild),
              },
              body: text,
            });
            const response = await app.fetch(request);
            statuses.add(response.status);
            assert.ok(response.status < 500, `${String(response.status)}: ${text}`);
            // A stream of news would never end; any other answer must.
            if (/"subscriptions\/listen"/.test(text)) await response.body?.cancel();
            else await response.text();
          },
        ),
        { numRuns: runs },
      );
      // It was not all refused at the door.
      for (const status of [200, 202, 400]) assert.ok(statuses.has(status), String(status));
      await app.idle();
      const after = await app.fetch(callOf('whoami', {}, { token }));
      assert.equal(((await resultOf(after))['structuredContent'] as { sub: string }).sub, 'auth0|ada');
      assert.deepEqual(
        given.log.lines.filter(line => line.startsWith('http: ') && /TypeError|RangeError|stack/.test(line)),
        [],
      );
    } finally {
      await app.close();
    }
  });
});
