import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import type { Answer } from '../../../src/bridge/remote/decoding.ts';
import { isOmnispindleError } from '../../../src/common/errors.ts';
import { ProxyError } from '../../../src/common/proxyError.ts';
import { teamAddress } from '../../../src/terminal/transfer/teamAddress.ts';
import { sendBatch } from '../../../src/terminal/transfer/teamServer.ts';

const address = teamAddress('https://todos.example.com');
const counts = { added: 0, same: 0, newer: 0, older: 0 };

/** What a request of Node.js fails with. */
const failed = (code: string, message = code) =>
  Object.assign(new Error(message), { code, syscall: 'connect' });

function answer(statusCode: number, body: unknown = counts, headers: Record<string, string> = {}): Answer {
  const stream = new PassThrough();
  stream.end(JSON.stringify(body));
  return Object.assign(stream, { statusCode, headers, complete: true });
}

/** Sends nothing, to a server that does that, each time the next; the last one again and again. */
async function send(...does: readonly (() => Answer)[]) {
  let tries = 0;
  const waits: number[] = [];
  const done = await sendBatch(
    { records: [], lines: [] },
    {
      address,
      request: async () => (does[tries++] ?? does.at(-1)!)(),
      signal: new AbortController().signal,
      onRetry: (_why, wait) => waits.push(wait),
      pauses: [1, 2, 3],
    },
  ).catch((error: unknown) => error);
  return { done, tries, waits };
}

const throws = (error: Error) => (): Answer => {
  throw error;
};

describe('a batch that is sent to a team’s server', () => {
  for (const code of [
    'ECONNRESET',
    'ECONNREFUSED',
    'ETIMEDOUT',
    'EPIPE',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ENETDOWN',
  ]) {
    it(`is sent again where the network says ${code}, also within other errors`, async () => {
      const first = throws(failed(code));
      const second = throws(new AggregateError([failed(code), failed(code)], 'all addresses'));
      const third = throws(new Error('no connection', { cause: failed(code) }));
      const ok = () => answer(200);
      assert.deepEqual(await send(first, second, third, ok), { done: counts, tries: 4, waits: [1, 2, 3] });
    });
  }

  for (const code of [
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'CERT_REVOKED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'HOSTNAME_MISMATCH',
    'ERR_SSL_WRONG_VERSION_NUMBER',
  ]) {
    it(`is sent once where the certificate changes in mid-move, and it is said: ${code}`, async () => {
      const { done, tries } = await send(throws(failed(code)));
      assert.equal(tries, 1);
      assert.ok(isOmnispindleError(done, 'server_error'), String(done));
      assert.match(done.message, new RegExp(`todos\\.example\\.com.*\\(${code}\\)`));
      assert.equal((await send(throws(new Error('no connection', { cause: failed(code) })))).tries, 1);
    });
  }

  it('is sent once where a proxy does not let it through, or our own request is wrong', async () => {
    for (const error of [
      new ProxyError('ERR_TUNNEL', 'The proxy wants a password'),
      failed('ERR_INVALID_CHAR'),
    ]) {
      const { done, tries } = await send(throws(error));
      assert.deepEqual([tries, isOmnispindleError(done, 'server_error')], [1, true], String(done));
    }
  });

  for (const status of [408, 425, 429, 500, 502, 503, 504]) {
    it(`is sent again where the answer is ${String(status)}, after as long as it says, and not for ever`, async () => {
      const later = () => answer(status, {}, { 'retry-after': '0' });
      assert.deepEqual(await send(later, () => answer(200)), { done: counts, tries: 2, waits: [1] });
      const { done, tries } = await send(() => answer(status, {}));
      assert.equal(tries, 4);
      assert.ok(isOmnispindleError(done, 'server_error'), String(done));
      assert.match(done.message, new RegExp(`status ${String(status)}`));
    });
  }

  it('waits five minutes at most, whatever the server asks for', async () => {
    const stop = new AbortController();
    const waits: number[] = [];
    const sending = sendBatch(
      { records: [], lines: [] },
      {
        address,
        request: async () => answer(429, {}, { 'retry-after': '86400' }),
        signal: stop.signal,
        onRetry(_why, wait) {
          waits.push(wait);
          stop.abort(new Error('That is long.'));
        },
      },
    );
    await assert.rejects(sending, /AbortError|That is long|aborted/);
    assert.deepEqual(waits, [300_000]);
  });

  for (const [status, says] of [
    [301, /status 301/],
    [307, /status 307/],
    [400, /refused it \(status 400\): Line 3 is wrong/],
    [404, /is no team’s server of Omnispindle/],
    [405, /is no team’s server of Omnispindle/],
    [410, /is no team’s server of Omnispindle/],
    [415, /refused it \(status 415\)/],
    [501, /status 501/],
  ] as const) {
    it(`is sent once where the answer is ${String(status)}, and it is said`, async () => {
      const { done, tries } = await send(() => answer(status, { error_description: 'Line 3 is wrong' }));
      assert.equal(tries, 1);
      assert.ok(isOmnispindleError(done), String(done));
      assert.match(done.message, says);
    });
  }

  it('is not taken for sent where the answer is another one’s, or counts other records', async () => {
    for (const body of [
      '<html>',
      null,
      [],
      {},
      { ...counts, added: 1 },
      { ...counts, same: -1 },
      { added: 0 },
    ]) {
      const { done, tries } = await send(() => answer(200, body));
      assert.equal(tries, 1);
      assert.ok(isOmnispindleError(done, 'invalid_response'), JSON.stringify(body));
    }
    // A newer server may say more.
    assert.deepEqual((await send(() => answer(200, { ...counts, notes: ['new'] }))).done, counts);
  });
});
