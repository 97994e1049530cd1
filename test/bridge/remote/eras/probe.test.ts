import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { createAuthorizedRequest } from '../../../../src/bridge/remote/authorizedRequest.ts';
import { probe } from '../../../../src/bridge/remote/eras/probe.ts';
import { usualLimits, type RemoteLimits } from '../../../../src/bridge/remote/limits.ts';
import { createIntake } from '../../../../src/mcp/intake.ts';
import { RemoteError } from '../../../../src/bridge/remote/refusal.ts';
import { memoryLog } from '../../../auth/fixtures.ts';
import { noConsent } from '../consent/noConsent.ts';
import { events, json, startOddServer, type OddAnswer } from '../oddServer.ts';

const discovered = { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: {} };
const unsupported = (...supported: string[]) => ({ code: -32_022, message: 'No', data: { supported } });

/** How servers answer a question that they know, or do not. */
type Way = (response: ServerResponse, id: unknown) => unknown;
const saying =
  (status: number, body: object): Way =>
  (response, id) =>
    response.writeHead(status, json).end(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
const plainly =
  (status: number, body = '', headers = {}): Way =>
  response =>
    response.writeHead(status, headers).end(body);

const ways: Record<'modern' | 'legacy', Record<string, Way>> = {
  modern: {
    'its revisions': saying(200, { result: discovered }),
    'its revisions in a stream': (response, id) =>
      response
        .writeHead(200, events)
        .end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: discovered })}\n\n`),
    'its revisions under the id in words': (response, id) =>
      saying(200, { result: discovered })(response, String(id)),
    'newer revisions only': saying(400, { error: unsupported('2027-01-01') }),
    'newer revisions only, with status 200': saying(200, { error: unsupported('2027-01-01') }),
    'that a capability is missing': saying(400, { error: { code: -32_021, message: 'Roots, please' } }),
    'that a header is wrong': saying(400, { error: { code: -32_020, message: 'Header mismatch' } }),
  },
  legacy: {
    'that there is no session': saying(400, { error: { code: -32_000, message: 'Bad Request: no session' } }),
    'that there is no such method': saying(200, { error: { code: -32_601, message: 'Method not found' } }),
    'that there is no such method, with status 404': saying(404, { error: { code: -32_601, message: 'No' } }),
    'a result of nothing': saying(200, { result: {} }),
    'older revisions only': saying(200, { result: { ...discovered, supportedVersions: ['2025-11-25'] } }),
    'an error with older revisions only': saying(400, { error: unsupported('2025-11-25', '2025-06-18') }),
    'that there is no session, with status 500': plainly(500, 'unknown session'),
    'that there is no session, with status 401': plainly(401, '{"error":"Session not found"}'),
    'no words and status 400': plainly(400),
    'words and status 404': plainly(404, 'Not Found'),
    'status 405': plainly(405, '', { allow: 'GET' }),
    'status 406': plainly(406),
    'status 415': plainly(415),
    'status 501': plainly(501),
    'a page': plainly(200, '<html>Hello</html>', { 'content-type': 'text/html' }),
    'that it will say something': plainly(202),
    'another address': plainly(302, '', { location: '/elsewhere' }),
  },
};

describe('[eras] the question to a server which revision it speaks', () => {
  let stop = () => Promise.resolve();
  afterEach(() => stop());

  async function ask(answer: OddAnswer, limits: Partial<RemoteLimits> = {}) {
    const server = await startOddServer(answer);
    ({ stop } = server);
    const url = new URL(server.url);
    const log = memoryLog();
    const tokenSource = { getToken: () => Promise.resolve({ accessToken: 'token' }) };
    const { request } = await createAuthorizedRequest({
      url,
      tokenSource,
      audience: { by: 'given' },
      headers: {},
      consent: noConsent,
      userAgent: 'test',
      log,
    });
    const intake = createIntake(() => false);
    const onNonsense = () => undefined;
    return {
      server,
      finding: probe({ url, request, intake, onNonsense, limits: { ...usualLimits, ...limits } }, {}),
    };
  }

  for (const [era, all] of Object.entries(ways)) {
    for (const [what, way] of Object.entries(all)) {
      it(`finds the ${era} era in ${what}`, async () => {
        const { finding } = await ask(({ message }, response) => {
          way(response, message?.['id']);
          return true;
        });
        assert.equal((await finding).era, era);
      });
    }
  }

  it('finds the legacy era where the server says nothing at all', async () => {
    const { finding } = await ask(() => true, { silence: 200 });
    assert.equal((await finding).era, 'legacy');
  });

  for (const status of [401, 402, 403, 407, 408, 421, 425, 429, 451, 500, 502, 503, 504]) {
    it(`finds none in status ${String(status)}, whatever it says`, async () => {
      const { finding } = await ask(({ message }, response) => {
        saying(status, { error: unsupported('2026-07-28') })(response, message?.['id']);
        return true;
      });
      await assert.rejects(finding, error => error instanceof RemoteError && error.status === status);
    });
  }

  it('finds none where the connection breaks', async () => {
    const { finding } = await ask((_request, response) => Boolean(response.destroy()));
    await assert.rejects(finding, { code: 'ECONNRESET' });
  });

  it('is asked once more where the server offers just that revision', async () => {
    let asked = 0;
    const { finding } = await ask(({ message }, response) => {
      const way =
        asked++ === 0
          ? saying(400, { error: unsupported('2026-07-28') })
          : saying(200, { result: discovered });
      way(response, message?.['id']);
      return true;
    });
    assert.deepEqual((await finding).discovered, discovered);
    assert.equal(asked, 2);
  });

  it('says who asks, and in which revision, in headers and body', async () => {
    const { server, finding } = await ask(({ message }, response) => {
      saying(200, { result: discovered })(response, message?.['id']);
      return true;
    });
    await finding;
    const [asked] = server.requests;
    assert.ok(asked);
    assert.equal(asked.headers['mcp-protocol-version'], '2026-07-28');
    assert.equal(asked.headers['mcp-method'], 'server/discover');
    const { _meta: meta } = asked.message?.['params'] as { _meta: Record<string, unknown> };
    assert.equal(meta['io.modelcontextprotocol/protocolVersion'], '2026-07-28');
    assert.ok(
      meta['io.modelcontextprotocol/clientInfo'] && meta['io.modelcontextprotocol/clientCapabilities'],
    );
  });
});
