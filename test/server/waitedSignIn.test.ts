import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { Client } from '@modelcontextprotocol/client';
import { detachable, type Detachable } from '../../src/sessions/detachable.ts';
import type { SignInEvent } from '../../src/sessions/signInEvent.ts';
import type { Era } from '../../src/server/stdio.ts';
import type { Gate } from '../../src/server/gate.ts';
import { lateStore, type LateStore } from '../../src/store/lateStore.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqliteStore.ts';
import type { Owner } from '../../src/store/store.ts';
import { useDirectory } from '../auth/fixtures.ts';
import { connectInEra } from './eras.ts';

const ada = { issuer: 'https://tenant.example/', sub: 'ada', scopes: [], expiresAt: Infinity };
const address = 'https://tenant.example/authorize?state=random';
const event = {
  type: 'deviceCode',
  userCode: 'ABCD-EFGH',
  verificationUri: 'https://tenant.example/activate',
  verificationUriComplete: address,
  expiresAt: 0,
} as const;
const asksForUrl = { elicitation: { url: {} } };

describe('a sign-in that a call waits for', () => {
  const directory = useDirectory();
  let clients: Client[];
  let store: LateStore<Owner>;
  let signIn: () => void;
  let gate: Gate;
  beforeEach(() => {
    clients = [];
    store = lateStore(() => openSqliteStore(directory.path));
    const pending = new Map<string, Detachable<typeof ada>>();
    const signedIn = Promise.withResolvers<typeof ada>();
    let isSignedIn = false;
    signIn = () => {
      isSignedIn = true;
      signedIn.resolve(ada);
    };
    gate = request =>
      isSignedIn
        ? Promise.resolve(ada)
        : detachable(pending, 'ada', request, onProgress => {
            onProgress(event);
            return signedIn.promise;
          });
  });
  afterEach(async () => {
    await Promise.all(clients.map(client => client.close()));
    await store.close();
  });

  async function connect(era: Era, capabilities = {}, itsGate: Gate = gate): Promise<Client> {
    const client = await connectInEra(era, { gate: itsGate, store: store.of }, capabilities);
    clients.push(client);
    return client;
  }
  const add = { name: 'add_todo', arguments: { description: 'Spin', project: 'wool' } };
  const textOf = ({ content }: Awaited<ReturnType<Client['callTool']>>) =>
    content.map(part => (part.type === 'text' ? part.text : '')).join('\n');
  async function todos(client: Client): Promise<unknown> {
    return ((await client.callTool({ name: 'query_todos' })).structuredContent as { total: number }).total;
  }

  it('[era] is asked for by an answer of the newer revision; the call that comes again waits and runs once', async () => {
    const client = await connect('modern', asksForUrl);
    const asked: unknown[] = [];
    client.setRequestHandler('elicitation/create', ({ params }) => {
      asked.push(params);
      setTimeout(signIn, 50);
      return { action: 'accept' };
    });
    assert.match(textOf(await client.callTool(add)), /Spin/);
    assert.deepEqual(asked, [
      { mode: 'url', url: address, message: 'Sign in to Omnispindle\nEnter the code ABCD-EFGH there.' },
    ]);
    assert.equal(await todos(client), 1);
  });

  it('[era] gives a client of the newer revision a state that says nothing and opens nothing', async () => {
    const client = await connect('modern', asksForUrl);
    const ask = (more = {}) =>
      client.callTool({ ...add, ...more }, { allowInputRequired: true }) as Promise<unknown> as Promise<{
        requestState: string;
        inputRequests: Record<string, { params: { url: string } }>;
      }>;
    const { requestState, inputRequests } = await ask();
    assert.deepEqual(Object.keys(inputRequests), ['sign_in']);
    assert.ok(!/tenant|random|ABCD/.test(requestState));
    const accepted = { sign_in: { action: 'accept' } };
    for (const forged of [
      { requestState },
      { inputResponses: accepted },
      { inputResponses: accepted, requestState: 'forged' },
      { inputResponses: accepted, requestState: `${requestState}=` },
      { inputResponses: { other: { action: 'accept' } }, requestState },
    ]) {
      assert.equal((await ask(forged)).inputRequests['sign_in']?.params.url, address, JSON.stringify(forged));
    }
    signIn();
    assert.equal(await todos(client), 0);
  });

  it('[era] is offered again in the newer revision where another sign-in has replaced it', async () => {
    const addresses = ['https://tenant.example/1', 'https://tenant.example/2'];
    let left = 3;
    const client = await connect('modern', asksForUrl, ({ signal, onProgress }) => {
      if (--left === 0) return Promise.resolve(ada);
      onProgress?.({ type: 'browser', url: addresses[2 - left]!, opened: true });
      return new Promise((_resolve, reject) =>
        signal?.addEventListener('abort', () => {
          reject(new Error('No longer waited for.'));
        }),
      );
    });
    const asked: unknown[] = [];
    client.setRequestHandler('elicitation/create', ({ params }) => {
      asked.push('url' in params && params.url);
      return { action: 'accept' };
    });
    await client.callTool(add);
    assert.deepEqual(asked, addresses);
    left = 1;
    assert.equal(await todos(client), 1);
  });

  for (const era of ['legacy', 'modern'] as const) {
    it(`[T2] [era] offers the address to sign in at, and none that an event’s words name: ${era}`, async () => {
      const said = 'See https://evil.example/';
      const events: SignInEvent[] = [
        { type: 'flow', flow: 'deviceCode', reason: said },
        { type: 'editor', host: 'https://evil.example/' },
        { type: 'unkept', label: said, reason: said },
        { type: 'message', message: said },
        { type: 'message', message: said, url: 'file:///etc/passwd' },
        { type: 'browser', url: address, opened: false, elsewhere: true, notice: said },
      ];
      const client = await connect(era, asksForUrl, request => {
        for (const each of events) request.onProgress?.(each);
        return isAsked.promise;
      });
      const isAsked = Promise.withResolvers<typeof ada>();
      const asked: unknown[] = [];
      client.setRequestHandler('elicitation/create', ({ params }) => {
        asked.push('url' in params && [params.url, params.message]);
        isAsked.resolve(ada);
        return { action: 'accept' };
      });
      await client.callTool(add);
      assert.deepEqual(asked, [[address, `Sign in to Omnispindle\n${said}\nA sign-in is already open.`]]);
    });

    for (const action of ['decline', 'cancel'] as const) {
      it(`[era] says so where the person does not want it, and does nothing: ${era}, ${action}`, async () => {
        const client = await connect(era, asksForUrl);
        client.setRequestHandler('elicitation/create', () => ({ action }));
        const answer = await client.callTool(add);
        assert.equal(answer.isError, true);
        assert.match(textOf(answer), /was declined, so nothing was done\. Call the tool again/);
        signIn();
        assert.equal(await todos(client), 0);
      });
    }

    it(`[era] is told by progress to a client that cannot ask for an address: ${era}`, async () => {
      const client = await connect(era, { elicitation: { form: {} } });
      const told: unknown[] = [];
      const answer = await client.callTool(add, {
        onprogress({ message }) {
          told.push(message);
          signIn();
        },
      });
      assert.deepEqual(
        [told, answer.isError],
        [['To sign in, open https://tenant.example/activate and enter the code ABCD-EFGH'], undefined],
      );
      assert.equal(await todos(client), 1);
    });

    it(`[era] is in the answer to a client that can do neither, before that gives up: ${era}`, async () => {
      mock.timers.enable({ apis: ['setTimeout'] });
      try {
        const { promise: waits, resolve: waiting } = Promise.withResolvers<undefined>();
        const client = await connect(era, {}, request => {
          const result = gate(request);
          setImmediate(() => {
            waiting(undefined);
          });
          return result;
        });
        const called = client.callTool(add);
        await waits;
        mock.timers.tick(50_000);
        const answer = await called;
        assert.equal(answer.isError, true);
        assert.match(
          textOf(answer),
          /the next call uses it\.\nTo sign in, open \S+ and enter the code ABCD-EFGH$/,
        );
      } finally {
        mock.timers.reset();
      }
    });

    it(`[era] ends for a call that its client cancels, which then does nothing: ${era}`, async () => {
      const { promise: aborted, resolve: abort } = Promise.withResolvers<boolean>();
      const cancel = new AbortController();
      const client = await connect(era, {}, request => {
        request.signal?.addEventListener('abort', () => {
          abort(true);
        });
        setImmediate(() => {
          cancel.abort();
        });
        return gate(request);
      });
      await assert.rejects(client.callTool(add, { signal: cancel.signal }));
      assert.equal(await aborted, true);
      signIn();
      assert.equal(await todos(client), 0);
    });
  }

  it('[era] carries in its question what the person must be told once, where nothing else does', async () => {
    const client = await connect('modern', asksForUrl, request => {
      request.onNotice?.({ about: 'file', message: 'The file .env was not used.' });
      return gate(request);
    });
    let asked = '';
    client.setRequestHandler('elicitation/create', ({ params }) => {
      asked = params.message;
      signIn();
      return { action: 'accept' };
    });
    await client.callTool(add);
    assert.match(asked, /ABCD-EFGH there\.\nThe file \.env was not used\.$/);
  });

  it('[era] is not asked for again once the person has signed in, in the older revision', async () => {
    const client = await connect('legacy', asksForUrl);
    const { promise: withdrawn, resolve } = Promise.withResolvers<boolean>();
    client.setRequestHandler('elicitation/create', (_request, { mcpReq }) => {
      mcpReq.signal.addEventListener('abort', () => {
        resolve(true);
      });
      signIn();
      return new Promise(() => undefined);
    });
    assert.match(textOf(await client.callTool(add)), /Spin/);
    assert.equal(await withdrawn, true);
  });
});
