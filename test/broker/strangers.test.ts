import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { BrokerGrant, BrokerHost } from '../../src/broker/host.ts';
import { addressVariable, keyVariable } from '../../src/broker/variables.ts';
import { exchange, openWindow, post, question, token } from './fixtures.ts';

describe('who can ask the broker: a stranger', () => {
  let window: BrokerHost;
  let grant: BrokerGrant;
  let asked: number;

  beforeEach(async () => {
    asked = 0;
    window = openWindow(() => {
      asked++;
      return Promise.resolve(token('secret'));
    });
    grant = await window.grant('ada');
  });
  afterEach(() => window.dispose());

  const requests = (authorization: string) =>
    ['POST /token', 'GET /events', 'GET /', 'PUT /token', 'GET /no/such/path'].map(line =>
      [
        `${line} HTTP/1.1`,
        'host: localhost',
        ...(authorization ? [`authorization: ${authorization}`] : []),
        `content-length: ${String(question().length)}`,
        '',
        question(),
      ].join('\r\n'),
    );

  it('who has the key is answered, so that the silence below means something', async () => {
    const answers = await Promise.all(
      requests(`Bearer ${String(grant.env[keyVariable])}`)
        .filter(said => !said.startsWith('GET /events'))
        .map(said => exchange(grant.env, said.replace('\r\n', '\r\nconnection: close\r\n'))),
    );
    assert.match(answers[0] ?? '', /^HTTP\/1\.1 200 [^]*"secret"/);
    for (const answer of answers.slice(1)) assert.match(answer, /^HTTP\/1\.1 404 /);
    assert.equal(asked, 1);
  });

  const key = () => grant.env[keyVariable] ?? '';
  const wrong: Record<string, () => string> = {
    'no key': () => '',
    'an empty key': () => 'Bearer ',
    'another key of the right length': () => `Bearer ${randomBytes(32).toString('base64url')}`,
    'the key but for its last bit': () => {
      const bytes = Buffer.from(key(), 'base64url');
      bytes[31]! ^= 1;
      return `Bearer ${bytes.toString('base64url')}`;
    },
    'the beginning of the key': () => `Bearer ${key().slice(0, 20)}`,
    'the key and more': () => `Bearer ${key()}AAAA`,
    'the key in a scheme of its own': () => `Basic ${key()}`,
  };
  for (const [name, authorization] of Object.entries(wrong)) {
    it(`with ${name} learns nothing: hung up on without a word, whatever the path`, async () => {
      const answers = await Promise.all(requests(authorization()).map(said => exchange(grant.env, said)));
      assert.deepEqual(new Set(answers), new Set(['']));
      assert.equal(asked, 0);
    });
  }

  const odd: Record<string, string> = {
    'no HTTP at all': 'hello\r\n\r\n',
    'no host': 'GET /token HTTP/1.1\r\n\r\n',
    'a wish to be told to go on':
      'POST /token HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n',
    'a wish that nobody knows': 'POST /token HTTP/1.1\r\nhost: a\r\nexpect: tea\r\ncontent-length: 9\r\n\r\n',
    'two things at once': 'GET /token HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(2),
    'an upgrade': 'GET /token HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    'a tunnel': 'CONNECT /token HTTP/1.1\r\nhost: a\r\n\r\n',
    'both kinds of length':
      'POST /token HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    'a header of 1 MB': `GET /token HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(1 << 20)}\r\n\r\n`,
  };
  for (const [name, said] of Object.entries(odd)) {
    it(`who says ${name} learns not even that this is HTTP`, async () => {
      assert.equal(await exchange(grant.env, said), '');
      assert.equal(asked, 0);
    });
  }

  it("of another user cannot reach the socket: its directory is its owner's alone (0700)", () => {
    assert.equal(statSync(dirname(grant.env[addressVariable] ?? '')).mode & 0o777, 0o700);
  });

  it('who comes after the window is gone finds nothing: socket and directory are removed', async () => {
    const directory = dirname(grant.env[addressVariable] ?? '');
    await window.dispose();
    assert.equal(existsSync(directory), false);
    await assert.rejects(post(grant.env, question()), { code: 'ENOENT' });
  });

  it('who reads argument lists sees no key: it is in the environment only', () => {
    assert.deepEqual(Object.keys(grant.env).sort(), [addressVariable, keyVariable].sort());
    assert.ok(!grant.env[addressVariable]?.includes(key()));
    assert.equal(Buffer.from(key(), 'base64url').length, 32);
  });
});
