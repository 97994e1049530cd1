import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { StdioClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { decodeJwt } from 'jose';
import { stepUpChallenge, type StepUpDemand } from '../../../tenant/stepUp.ts';
import { multiFactor } from '../../../tenant/signInPolicy.ts';
import { useUser } from '../../../tenant/useTenant.ts';
import { cli, userEnvironment, visits } from '../../../terminal/fixtures.ts';
import type { Allowed } from '../../../../src/broker/allowed.ts';
import { openWindow, token } from '../../../broker/fixtures.ts';
import { startRemoteServer, type Interceptor, type RemoteServer } from '../remoteServer.ts';
import { streamableSessions } from '../sessions.ts';
import { newLegacyClient, newModernClient } from '../translation/clients.ts';
import { modernSessions } from '../translation/modernSessions.ts';

type Era = 'legacy' | 'modern';
type Action = 'accept' | 'decline' | 'cancel';
const eras: readonly Era[] = ['legacy', 'modern'];
const sessionsOf = { legacy: streamableSessions, modern: modernSessions };

interface Asked {
  /** What the person was asked, and how often their browser had been opened by then. */
  readonly questions: { readonly message: string; readonly visits: number }[];
  echo(text: string): Promise<string | undefined>;
}

describe('[whom] what a server wants besides', () => {
  let remote: RemoteServer;
  let open: (() => Promise<unknown>)[] = [];
  const given = useUser(
    async () => {
      await Promise.all(open.map(close => close()));
      open = [];
      await remote.stop();
    },
    { secondFactor: true },
  );
  const opened = () => visits(given.directory);
  const serve = async (era: Era) => {
    remote = await startRemoteServer({ sessions: sessionsOf[era]() });
  };

  async function start(
    era: Era,
    action: Action | undefined,
    flags: readonly string[] = ['--default-audience'],
    broker: Record<string, string> = {},
  ): Promise<Asked> {
    const questions: Asked['questions'] = [];
    const answer = ({ params }: { params: { message: string } }) => {
      questions.push({ message: params.message, visits: opened().length });
      return { action: action ?? 'cancel' };
    };
    const server = {
      command: process.execPath,
      args: [cli, 'connect', remote.url, ...flags],
      env: { ...userEnvironment({ tenant: given.tenant, directory: given.directory }), ...broker },
      stderr: 'ignore' as const,
    };
    const capabilities = action ? { elicitation: {} } : {};
    const read = (result: object) => (result as { content: { text: string }[] }).content[0]?.text;
    const echo = (text: string) => ({ name: 'echo', arguments: { text } });
    if (era === 'legacy') {
      const { client } = newLegacyClient(capabilities);
      if (action) client.setRequestHandler(ElicitRequestSchema, answer);
      await client.connect(new LegacyTransport(server));
      open.push(() => client.close());
      return { questions, echo: async text => read(await client.callTool(echo(text))) };
    }
    const { client } = newModernClient(capabilities);
    if (action) client.setRequestHandler('elicitation/create', answer);
    await client.connect(new ModernTransport(server));
    open.push(() => client.close());
    return { questions, echo: async text => read(await client.callTool(echo(text))) };
  }

  const tokenOf = (request: Parameters<Interceptor>[0]) =>
    decodeJwt((request.headers.authorization ?? '').replace('Bearer ', ''));

  /** The server wants those scopes for everything. */
  function wants(...scopes: string[]): void {
    remote.intercept = (request, response) => {
      const has = String(tokenOf(request)['scope']).split(' ');
      if (scopes.every(scope => has.includes(scope))) return false;
      const named = `Bearer error="insufficient_scope", scope="${scopes.join(' ')}"`;
      response.writeHead(403, { 'www-authenticate': named }).end();
      return true;
    };
  }

  describe('where an editor started us', () => {
    /** A token that says what it was asked for, as an editor that signs in would give it. */
    function startByEditor(allowed: Allowed, action: Action): Promise<Asked> {
      const window = openWindow((_account, { scopes = [], hints }) => {
        const claims = { scope: scopes.join(' '), ...(hints && { acr: hints.acrValues }) };
        const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
        return Promise.resolve(token(`e30.${payload}.c2ln`));
      });
      open.push(() => window.dispose());
      return window.grant('ada', allowed).then(({ env }) => start('legacy', action, [], env));
    }

    it('is asked for by the editor, and not by the client too', async () => {
      await serve('legacy');
      const questions: object[] = [];
      const ask = (question: object) => Promise.resolve(questions.push(question) > 0);
      const asked = await startByEditor({ askForScopes: ask, askForStepUp: ask }, 'decline');
      assert.equal(await asked.echo('before'), 'before');
      wants('read:todos');
      assert.equal(await asked.echo('hi'), 'hi');
      remote.intercept = (request, response) => {
        if (tokenOf(request)['acr'] === 'mfa') return false;
        const named = 'Bearer error="insufficient_user_authentication", acr_values="mfa"';
        response.writeHead(401, { 'www-authenticate': named }).end();
        return true;
      };
      assert.equal(await asked.echo('on'), 'on');
      assert.deepEqual(questions, [['read:todos'], { acrValues: 'mfa' }]);
      assert.deepEqual(asked.questions, []);
    });

    it('is not had where the person refuses there, which is said', async () => {
      await serve('legacy');
      const asked = await startByEditor({ askForScopes: () => Promise.resolve(false) }, 'accept');
      await asked.echo('before');
      wants('read:todos');
      await assert.rejects(asked.echo('hi'), /may not have: read:todos\..*omnispindle\.servers/);
      assert.deepEqual(asked.questions, []);
    });
  });

  describe('as scopes', () => {
    for (const client of eras) {
      for (const server of eras) {
        it(`is asked for by name, once, and the call completes: client ${client}, server ${server}`, async () => {
          await serve(server);
          const asked = await start(client, 'accept');
          assert.equal(await asked.echo('before'), 'before');
          wants('read:todos');
          assert.equal(await asked.echo('hi'), 'hi');
          assert.equal(await asked.echo('on'), 'on');
          assert.equal(asked.questions.length, 1);
          assert.match(asked.questions[0]?.message ?? '', /^http:\/\/127\.0\.0\.1:\d+ asks for read:todos\./);
          assert.equal(asked.questions[0]?.visits, 1, 'No browser before the yes.');
          assert.equal(opened().length, 2);
        });
      }

      it(`stays as it is where the person refuses, who is asked no more then: client ${client}`, async () => {
        for (const action of ['decline', 'cancel'] as const) {
          await serve(client);
          const asked = await start(client, action);
          assert.equal(await asked.echo('before'), 'before');
          wants('read:todos');
          for (let times = 0; times < 2; times++) {
            await assert.rejects(
              asked.echo('hi'),
              /wants more than is allowed for it: read:todos\..*--scope/,
            );
          }
          assert.equal(asked.questions.length, 1);
          assert.equal(opened().length, 1);
          remote.intercept = undefined;
          assert.equal(await asked.echo('on'), 'on');
        }
      });

      it(`is asked for once by any number of calls: client ${client}`, async () => {
        await serve(client);
        const asked = await start(client, 'accept');
        await asked.echo('before');
        wants('read:todos');
        const texts = Array.from({ length: 10 }, (_, index) => String(index));
        assert.deepEqual(await Promise.all(texts.map(each => asked.echo(each))), texts);
        assert.equal(asked.questions.length, 1);
        assert.equal(opened().length, 2);
      });

      it(`is said in the error where the client cannot ask: client ${client}`, async () => {
        await serve(client);
        const asked = await start(client, undefined);
        await asked.echo('before');
        wants('read:todos');
        await assert.rejects(asked.echo('hi'), /wants more than is allowed for it: read:todos\..*--scope/);
        assert.equal(opened().length, 1);
      });
    }

    it('keeps a client waiting, by progress, for as long as its person reads the question', async () => {
      await serve('legacy');
      const heard: PromiseWithResolvers<string | undefined>[] = [];
      const { client } = newLegacyClient({ elicitation: {} });
      client.setRequestHandler(ElicitRequestSchema, async () => {
        const messages = await Promise.all(heard.map(({ promise }) => promise));
        for (const message of messages) assert.match(message ?? '', /answer the question/);
        assert.equal(messages.length, 2);
        return { action: 'accept' };
      });
      const env = userEnvironment({ tenant: given.tenant, directory: given.directory });
      const args = [cli, 'connect', remote.url, '--default-audience'];
      await client.connect(new LegacyTransport({ command: process.execPath, args, env, stderr: 'ignore' }));
      open.push(() => client.close());
      const echo = { name: 'echo', arguments: { text: 'hi' } };
      await client.callTool(echo);
      wants('read:todos');
      // One of them asks; both wait for the answer.
      const calls = Array.from({ length: 2 }, () => {
        const told = Promise.withResolvers<string | undefined>();
        heard.push(told);
        const onprogress = ({ message }: { message?: string | undefined }) => {
          told.resolve(message);
        };
        return client.callTool(echo, undefined, { onprogress });
      });
      for (const { content } of await Promise.all(calls)) {
        assert.deepEqual(content, [{ type: 'text', text: 'hi' }]);
      }
    });

    it('is remembered for that server, in a file that names neither it nor the person', async () => {
      await serve('legacy');
      const first = await start('legacy', 'accept');
      await first.echo('before');
      wants('read:todos');
      await first.echo('hi');
      const again = await start('modern', 'decline');
      assert.equal(await again.echo('hi'), 'hi');
      assert.deepEqual(again.questions, []);

      const path = join(given.directory, 'data', 'servers', 'consent.json');
      assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.doesNotMatch(readFileSync(path, 'utf8'), /ada|127\.0\.0\.1/);

      const { intercept } = remote;
      await remote.stop();
      await serve('legacy');
      const other = await start('legacy', 'decline');
      await other.echo('before');
      remote.intercept = intercept;
      await assert.rejects(other.echo('hi'), /read:todos/);
    });

    it('is not asked for where its name cannot be one', async () => {
      await serve('legacy');
      const asked = await start('legacy', 'accept');
      await asked.echo('before');
      wants('read:todos', 'x'.repeat(200));
      await assert.rejects(asked.echo('hi'), /is allowed for it: read:todos\./);
      wants(...Array.from({ length: 11 }, (_, index) => `s${String(index)}`));
      await assert.rejects(asked.echo('hi'), /is allowed for it: s0, /);
      assert.deepEqual(asked.questions, []);
    });
  });

  describe('as a stronger sign-in', () => {
    function demands(demand: StepUpDemand): void {
      remote.intercept = (request, response) => {
        const answer = stepUpChallenge(tokenOf(request), demand);
        if (answer) response.writeHead(answer.status, answer.headers).end();
        return answer !== undefined;
      };
    }

    for (const client of eras) {
      it(`is asked for by name, and the call completes: client ${client}`, async () => {
        await serve(client);
        const asked = await start(client, 'accept');
        await asked.echo('before');
        demands({ acr: multiFactor });
        assert.equal(await asked.echo('hi'), 'hi');
        assert.equal(await asked.echo('on'), 'on');
        assert.equal(asked.questions.length, 1);
        assert.ok(asked.questions[0]?.message.includes(multiFactor), asked.questions[0]?.message);
        assert.equal(asked.questions[0]?.visits, 1, 'No browser before the yes.');
        assert.equal(opened().length, 2);
        assert.equal(new URL(opened()[1] ?? '').searchParams.get('acr_values'), multiFactor);
      });

      it(`opens no browser where the person refuses: client ${client}`, async () => {
        await serve(client);
        const asked = await start(client, 'decline');
        await asked.echo('before');
        demands({ acr: multiFactor });
        for (let times = 0; times < 2; times++) {
          await assert.rejects(asked.echo('hi'), /wants you to sign in again for this: at the level/);
        }
        assert.equal(asked.questions.length, 1);
        assert.equal(opened().length, 1);
      });
    }

    it('is asked for once in five minutes, also where the server is never content, by any process', async () => {
      await serve('legacy');
      const asked = await start('legacy', 'accept');
      await asked.echo('before');
      demands({ acr: 'https://never.example/' });
      for (let times = 0; times < 3; times++) await assert.rejects(asked.echo('hi'));
      assert.equal(asked.questions.length, 1);
      assert.equal(opened().length, 2);
      const next = await start('modern', 'accept').catch(() => undefined);
      if (next) await assert.rejects(next.echo('hi'));
      assert.deepEqual(next?.questions ?? [], []);
      assert.equal(opened().length, 2);
    });

    it('is said in the error where the client cannot ask', async () => {
      await serve('legacy');
      const asked = await start('legacy', undefined);
      await asked.echo('before');
      demands({ maxAge: 0 });
      await assert.rejects(asked.echo('hi'), /wants you to sign in again for this: no longer than 0 s ago/);
      assert.equal(opened().length, 1);
      assert.ok(!readdirSync(join(given.directory, 'data')).includes('consent.json'));
    });
  });
});
