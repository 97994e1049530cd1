import assert from 'node:assert/strict';
import { signInLine } from '../../src/editor/signInLine.ts';
import { elicitationWords } from '../../src/mcp/elicitationWords.ts';
import { addressOf, type SignInEvent } from '../../src/sessions/signInEvent.ts';
import { eventIn, newsOf } from '../../src/sessions/signInNews.ts';
import { signInWords } from '../../src/sessions/signInWords.ts';

const url = 'https://tenant.example/authorize?state=random';
const verificationUri = 'https://tenant.example/activate';
const code = { userCode: 'ABCD-EFGH', verificationUri, expiresAt: 1_000 };
const reason = 'Port 8765 is used. See https://evil.example/';

/** Each event, its address, and its words as text, beside the address in an MCP client, and in the editor. */
const events: readonly (readonly [
  event: SignInEvent,
  address: string | undefined,
  text: string,
  elicited?: string | undefined,
  line?: string,
])[] = [
  [
    { type: 'browser', url, opened: true },
    url,
    `Waiting for the sign-in in the browser. If no page opened, open ${url}`,
    '',
  ],
  [{ type: 'browser', url, opened: false }, url, `Open this address in a browser to sign in: ${url}`, ''],
  [
    { type: 'deviceCode', ...code },
    verificationUri,
    `To sign in, open ${verificationUri} and enter the code ABCD-EFGH`,
    'Enter the code ABCD-EFGH there.',
  ],
  [
    { type: 'deviceCode', ...code, verificationUriComplete: `${verificationUri}?user_code=ABCD-EFGH` },
    `${verificationUri}?user_code=ABCD-EFGH`,
    `To sign in, open ${verificationUri} and enter the code ABCD-EFGH`,
    'Enter the code ABCD-EFGH there.',
  ],
  [{ type: 'flow', flow: 'deviceCode', reason }, undefined, reason, undefined, reason],
  [{ type: 'editor' }, undefined, 'Waiting for you to sign in in the editor.'],
  [
    { type: 'editor', host: 'tenant.example' },
    undefined,
    'Waiting for you to sign in in the editor, at tenant.example.',
  ],
  [
    { type: 'unkept', label: 'Ada', reason },
    undefined,
    `You are signed in as Ada, but only until this program ends, because that could not be kept. ${reason}`,
    undefined,
    `You are signed in as Ada, but only until this program ends, because that could not be kept. ${reason}`,
  ],
  [{ type: 'message', message: reason }, undefined, reason],
  [{ type: 'message', message: 'Open it', url }, url, 'Open it', 'Open it'],
  [
    { type: 'browser', url, opened: true, elsewhere: true, notice: 'You sign in at tenant.example.' },
    url,
    `You sign in at tenant.example.\nA sign-in is already open. Waiting for the sign-in in the browser. If no page opened, open ${url}`,
    'You sign in at tenant.example.\nA sign-in is already open.',
    'A sign-in is already open in another window or program.',
  ],
];

describe('what a sign-in waits for', () => {
  for (const [event, address, text, elicited, line] of events) {
    it(`is said by each door in its own words, and only its own address is offered: ${JSON.stringify(event)}`, () => {
      assert.equal(addressOf(event), address);
      assert.equal(signInWords(event), text);
      if (elicited !== undefined) {
        const words = ['Sign in to Omnispindle', elicited].filter(Boolean).join('\n');
        assert.equal(elicitationWords(event), words);
      }
      assert.equal(signInLine(event), line);
    });

    it(`comes through to another process as it is: ${JSON.stringify(event)}`, () => {
      const news = JSON.parse(JSON.stringify(newsOf(event))) as ReturnType<typeof newsOf>;
      assert.deepEqual(eventIn(news), event);
    });
  }

  it('is also said in words, with its address, for a process of an older version', () => {
    const { message, url: offered } = newsOf({ type: 'browser', url, opened: true });
    assert.equal(offered, url);
    assert.match(message, /^Waiting for the sign-in in the browser/);
    assert.ok(!('url' in newsOf({ type: 'flow', flow: 'deviceCode', reason })));
  });

  it('is taken in words, with its address, from a process of an older version', () => {
    assert.deepEqual(eventIn({ message: 'Open it', url }), { type: 'message', message: 'Open it', url });
    assert.deepEqual(eventIn({ message: reason }), { type: 'message', message: reason });
  });

  it('is taken in words where only a newer version knows that event', () => {
    const event = { type: 'passkey', challenge: 1 };
    assert.deepEqual(eventIn({ message: 'Touch it', event }), { type: 'message', message: 'Touch it' });
  });

  for (const unsafe of ['file:///etc/passwd', 'ms-msdt:/id', 'javascript:alert(1)', 'http://evil.example/']) {
    it(`[T2] has no address that is neither https nor on this machine: ${unsafe}`, () => {
      for (const event of [
        { type: 'browser', url: unsafe, opened: true },
        { type: 'deviceCode', ...code, verificationUri: unsafe },
        { type: 'deviceCode', ...code, verificationUriComplete: unsafe },
        { type: 'message', message: 'Open it', url: unsafe },
      ]) {
        assert.equal(addressOf(eventIn({ message: 'Open it', event })), undefined, JSON.stringify(event));
      }
    });
  }
});
