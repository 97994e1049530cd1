import assert from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkResourceAllowed } from '@modelcontextprotocol/server';
import { askByRoute } from '../../../../src/bridge/remote/resource/askByRoute.ts';
import { createServerAudience } from '../../../../src/bridge/remote/resource/audience.ts';
import { lookUpResource } from '../../../../src/bridge/remote/resource/lookUp.ts';
import { covers } from '../../../../src/bridge/remote/resource/metadata.ts';
import { RemoteError } from '../../../../src/bridge/remote/refusal.ts';
import { routeTo } from '../../../../src/network/route.ts';
import { failsWith } from '../../../auth/fixtures.ts';

const issuer = 'https://tenant.example/';
const wellKnown = '/.well-known/oauth-protected-resource';

describe('the API that a remote server’s tokens are for', () => {
  let server: Server;
  let origin: string;
  let url: URL;
  /** What the server answers, by address; it knows nothing of others. */
  let answers: Record<string, (response: ServerResponse) => void>;
  let asked: string[];

  beforeEach(async () => {
    answers = {};
    asked = [];
    server = createServer((request, response) => {
      const { method = '', url: path = '' } = request;
      asked.push(`${method} ${path}`);
      assert.equal(request.headers.authorization, undefined);
      const answer = answers[path];
      if (answer) answer(response);
      else response.writeHead(404).end();
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    url = new URL('/team/mcp', origin);
  });
  afterEach(async () => {
    await new Promise(resolve => {
      server.close(resolve);
      server.closeAllConnections();
    });
  });

  const ask = async () => askByRoute(await routeTo(url, { keepAlive: true }), { 'user-agent': 'test' });
  const lookUp = async (more: { answerLimit?: number } = {}) =>
    lookUpResource(await ask(), { url, issuer, ...more });
  const json = (content: unknown) => (response: ServerResponse) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(content));
  const metadata = (resource = url.href, authorization_servers: unknown = [issuer]) =>
    json({ resource, authorization_servers, scopes_supported: ['everything'] });
  const challenge = (address: string) => (response: ServerResponse) =>
    response.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${address}"` }).end();

  it('[whom] is read at the well-known address of its path, by one request', async () => {
    answers[`${wellKnown}/team/mcp`] = metadata();
    assert.equal((await lookUp()).resource, url.href);
    assert.deepEqual(asked, [`GET ${wellKnown}/team/mcp`]);
  });

  it('[whom] is read at the well-known address of its origin, and taken verbatim', async () => {
    answers[wellKnown] = metadata(origin.toUpperCase());
    assert.equal((await lookUp()).resource, origin.toUpperCase());
    assert.deepEqual(asked, [`GET ${wellKnown}/team/mcp`, `GET ${wellKnown}`]);
  });

  it('[whom] is read where the refusal of a request without a token says', async () => {
    answers['/team/mcp'] = challenge(`${origin}/metadata`);
    answers['/metadata'] = metadata();
    assert.equal((await lookUp()).resource, url.href);
  });

  const both = ['omnispindle:read', 'omnispindle:write'];
  for (const [what, resource, declared, given] of [
    ['in a list that is none of names', () => url.href, [...both, 7], []],
    ['of our own tools and others', () => url.href, ['admin', 'x', ...both.toReversed()], both],
    ['of our own tools, one too', () => url.href, ['omnispindle:read'], ['omnispindle:read']],
    ['that others have', () => url.href, ['admin', 'openid', 'omnispindle:everything'], []],
    ['that count for its neighbours too', () => origin, both, []],
    ['that are no list', () => url.href, 'omnispindle:read', []],
  ] as const) {
    it(`declares scopes ${what}: ${given.length > 0 ? given.join(' ') : 'nobody is given them unasked'}`, async () => {
      answers[`${wellKnown}/team/mcp`] = json({
        resource: resource(),
        authorization_servers: [issuer],
        scopes_supported: declared,
      });
      assert.deepEqual((await lookUp()).scopes, given);
    });
  }

  for (const [what, answer] of [
    ['says that there is nothing (404)', (response: ServerResponse) => response.writeHead(404).end()],
    [
      'says that there is nothing any more (410)',
      (response: ServerResponse) => response.writeHead(410).end(),
    ],
    ['takes no such request (405)', (response: ServerResponse) => response.writeHead(405).end()],
    ['wants a token for everything (401)', (response: ServerResponse) => response.writeHead(401).end()],
    ['knows no such request (501)', (response: ServerResponse) => response.writeHead(501).end()],
    [
      'has a page for every address',
      (response: ServerResponse) =>
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html>'),
    ],
  ] as const) {
    it(`[whom] is not declared where the server ${what}`, async () => {
      for (const path of [`${wellKnown}/team/mcp`, wellKnown]) answers[path] = answer;
      answers['/team/mcp'] = response => response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
      assert.equal((await lookUp()).resource, undefined);
      assert.deepEqual(asked, [`GET ${wellKnown}/team/mcp`, `GET ${wellKnown}`, 'POST /team/mcp']);
    });
  }

  for (const [what, resource] of [
    ['another origin', () => 'https://bank.example/team/mcp'],
    ['another port', () => 'http://127.0.0.1:1/team/mcp'],
    ['a neighbour at its origin', () => `${origin}/other/mcp`],
    ['more than itself', () => `${url.href}/deeper`],
    ['a name that begins as its own', () => `${origin}/tea`],
    ['a part of a document', () => `${url.href}#part`],
    ['an address with a user name', () => url.href.replace('//', '//ada@')],
    ['what is no address', () => 'urn:notes'],
  ] as const) {
    it(`[whom] must be its own, not that of ${what}`, async () => {
      answers[`${wellKnown}/team/mcp`] = metadata(resource());
      await failsWith(
        lookUp(),
        'invalid_response',
        /which is not that server\. No token was sent.*--audience/,
      );
    });
  }

  for (const [what, answer] of [
    ['not JSON', (response: ServerResponse) => response.writeHead(200).end('resource=x')],
    ['cut off', (response: ServerResponse) => response.writeHead(200).end('{"resource":')],
    ['a list', json([])],
    ['without a resource', json({ authorization_servers: [issuer] })],
    ['with a resource that is no text', json({ resource: 1, authorization_servers: [issuer] })],
    ['with a resource without an end', json({ resource: `https://x/${'y'.repeat(5_000)}` })],
    ['with one issuer in place of a list', json({ resource: 'https://x/', authorization_servers: issuer })],
    [
      'of 10 MB',
      (response: ServerResponse) => response.writeHead(200).end(`{"a":"${'x'.repeat(10_000_000)}"}`),
    ],
    [
      'without an end',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = () => response.write(' '.repeat(16_384), error => error ?? setImmediate(more));
        more();
      },
    ],
  ] as const) {
    it(`[whom] cannot be read from metadata that are ${what}`, async () => {
      answers[`${wellKnown}/team/mcp`] = answer;
      await failsWith(lookUp(), 'invalid_response', /does not say rightly.*No token was sent.*--audience/);
    });
  }

  it('[whom] is not asked for where a redirect leads', async () => {
    answers[`${wellKnown}/team/mcp`] = response =>
      response.writeHead(302, { location: `${origin}/metadata` }).end();
    answers['/metadata'] = metadata();
    await failsWith(lookUp(), 'invalid_response', /redirects who asks for its metadata/);
    assert.deepEqual(asked, [`GET ${wellKnown}/team/mcp`]);
  });

  for (const named of ['https://evil.example/metadata', 'http://127.0.0.1:1/m', 'file:///etc/passwd', '/m']) {
    it(`[whom] is not asked for at another origin: ${named}`, async () => {
      answers['/team/mcp'] = challenge(named);
      await failsWith(lookUp(), 'invalid_response', /at another address than its own: .*\. It was not asked/);
    });
  }

  it('[whom] is waited for no longer than an answer may take', async () => {
    answers[`${wellKnown}/team/mcp`] = response => response.writeHead(200).write('{');
    await failsWith(
      lookUp({ answerLimit: 200 }),
      'server_error',
      /did not say within 0\.2 s .*No token was sent\. Try again/,
    );
    assert.deepEqual(asked, [`GET ${wellKnown}/team/mcp`]);
  });

  for (const status of [408, 429, 500, 502, 503]) {
    it(`[whom] is not taken as undeclared where the server cannot answer now (${String(status)})`, async () => {
      answers[`${wellKnown}/team/mcp`] = response => response.writeHead(status).end();
      await assert.rejects(
        lookUp(),
        (error: unknown) => error instanceof RemoteError && error.status === status,
      );
    });
  }

  it('[whom] must be one for which our tenant gives tokens; else it is said whose the server takes', async () => {
    const others = [
      'https://login.bank.example/x',
      'https://b.example/',
      'javascript:alert(1)',
      '\u001b[31mred',
    ];
    answers[`${wellKnown}/team/mcp`] = metadata(url.href, others);
    await assert.rejects(lookUp(), ({ message }: Error) => {
      assert.match(
        message,
        /does not trust tokens of tenant\.example, but of login\.bank\.example, b\.example/,
      );
      assert.doesNotMatch(message, /alert|\u001b/);
      return true;
    });
    for (const none of [[], undefined]) {
      answers[`${wellKnown}/team/mcp`] = json({ resource: url.href, authorization_servers: none });
      await failsWith(lookUp(), 'invalid_settings', /does not say whose tokens it trusts/);
    }
  });

  it('[whom] gets no token where it takes only those that are bound to a key', async () => {
    answers[`${wellKnown}/team/mcp`] = json({
      resource: url.href,
      authorization_servers: [issuer],
      dpop_bound_access_tokens_required: true,
    });
    await failsWith(
      lookUp(),
      'invalid_settings',
      /takes only tokens bound to a key \(DPoP\), which Omnispindle does not support yet\. No token was sent/,
    );
  });

  for (const same of ['https://tenant.example', 'https://TENANT.example/', 'https://tenant.example:443/']) {
    it(`[whom] takes ${same} for our issuer`, async () => {
      answers[`${wellKnown}/team/mcp`] = metadata(url.href, ['https://other.example/', same]);
      assert.equal((await lookUp()).resource, url.href);
    });
  }

  describe('in a run of connect', () => {
    const audience = async (allowsDefault = false) =>
      createServerAudience(url, { by: 'server', issuer, allowsDefault }, await ask());

    it('[whom] is looked for once for all that wait for it', async () => {
      answers[`${wellKnown}/team/mcp`] = metadata();
      const { get } = await audience();
      assert.deepEqual(await Promise.all([get(), get(), get()]), [url.href, url.href, url.href]);
      assert.equal(await get(), url.href);
      assert.equal(asked.length, 1);
    });

    it('[whom] is the default one only where the person said so; else it is said which flags there are', async () => {
      assert.equal(await (await audience(true)).get(), undefined);
      const { get } = await audience();
      await failsWith(get(), 'invalid_settings', /"--audience", "…".*AUTH0_AUDIENCE.*"--default-audience"/);
      await failsWith(get(), 'invalid_settings');
      assert.equal(asked.length, 6);
    });

    it('[whom] is looked for again where the server could not answer, whatever the person said', async () => {
      answers[`${wellKnown}/team/mcp`] = response => response.destroy();
      const { get } = await audience(true);
      await assert.rejects(get());
      answers[`${wellKnown}/team/mcp`] = metadata();
      assert.equal(await get(), url.href);
    });

    it('[whom] is another one where a refusal names other metadata, which are read once', async () => {
      answers[`${wellKnown}/team/mcp`] = metadata();
      answers['/metadata'] = metadata(`${origin}/team`);
      const { get, refused } = await audience();
      const named = `Bearer error="invalid_token", resource_metadata="${origin}/metadata"`;
      await refused(named);
      assert.equal(await get(), url.href, 'Nobody has asked before.');
      await refused(named);
      assert.equal(await get(), `${origin}/team`);
      await refused(named);
      await refused(`Bearer resource_metadata="${origin}${wellKnown}/team/mcp"`);
      await refused('Basic realm="x"');
      assert.equal(await get(), `${origin}/team`);
      assert.equal(asked.length, 2);
      await failsWith(refused('Bearer resource_metadata="https://evil.example/"'), 'invalid_response');
      assert.equal(await get(), `${origin}/team`);
    });
  });
});

describe('whether a resource is a server’s', () => {
  const paths = ['', '/', '/a', '/a/', '/a/b', '/ab', '/a/b/', '/a?x=1', '/a%2fb', '/a/../b', '/A'];
  it('[whom] is decided as the SDK does', () => {
    for (const resource of paths) {
      for (const server of paths) {
        for (const origin of ['https://a.example', 'https://a.example:8443', 'http://a.example']) {
          const requestedResource = new URL(`https://a.example${server}`);
          const configuredResource = `${origin}${resource}`;
          assert.equal(
            covers(configuredResource, requestedResource),
            checkResourceAllowed({ requestedResource, configuredResource }),
            `${configuredResource} for ${requestedResource.href}`,
          );
        }
      }
    }
  });
});
