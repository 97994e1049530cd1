import assert from 'node:assert/strict';
import { waitingWords, type WaitState } from '../../src/editor/waitingWords.ts';

const url = `https://login.example/authorize?state=${'s'.repeat(43)}&redirect_uri=vscode%3A%2F%2Fa.b%2Fcallback`;
const waits: WaitState = {
  flow: 'uriHandler',
  url,
  isOpened: true,
  isLate: false,
  others: ['loopback', 'deviceCode'],
};
const code = {
  userCode: 'ABCD-EFGH',
  verificationUri: 'https://login.example/activate',
  expiresAt: 0,
};
const say = (state: Partial<WaitState> = {}) =>
  waitingWords({ ...waits, ...state }, (text, action) => `[${text}](command:${action})`);
/** The links as the editor finds them (VS Code, linkedText). */
const linksIn = (text: string) =>
  [...text.matchAll(/\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)\)/gi)].map(([, label, target]) => [
    label,
    target,
  ]);

describe('what a notification says while a sign-in waits', () => {
  it('[E7] offers a code beside the browser, and names a tenant that is not ours', () => {
    assert.match(say(), /^Waiting for you to sign in in the browser…/);
    assert.deepEqual(linksIn(say()), [['Having trouble? Use a code instead', 'command:deviceCode']]);
    assert.match(say({ host: 'login.example' }), /in the browser, at login\.example…/);
    assert.deepEqual(linksIn(say({ others: [] })), []);
  });

  it('[E7] offers each other flow where the browser takes long', () => {
    const text = say({ isLate: true });
    assert.match(text, /nothing happens here.*cannot come back to this editor/);
    assert.deepEqual(linksIn(text), [
      ['Use a Page on This Computer', 'command:loopback'],
      ['Use a Code', 'command:deviceCode'],
      ['Open the Page Again', 'command:tryAgain'],
    ]);
  });

  it('[E7] says why another flow was given up, in its own words and no links of theirs', () => {
    const text = say({ givenUp: 'Port 8765 is used. [Click](command:evil)\nBye' });
    assert.match(text, /^Port 8765 is used\. \[Click\] \(command:evil\) Bye Waiting/);
    assert.deepEqual(linksIn(text), [['Having trouble? Use a code instead', 'command:deviceCode']]);
  });

  it('[E8] shows the address of a browser that did not open, to copy it or to try again', () => {
    const text = say({ isOpened: false });
    assert.match(text, /^No browser opened\. Open the address below in a browser on this computer\./);
    assert.ok(text.endsWith(url), text);
    assert.deepEqual(
      linksIn(text).map(([label]) => label),
      ['Copy Address', 'Try Again', 'Use a Page on This Computer', 'Use a Code'],
    );
    assert.match(say({ isOpened: false, host: 'login.example' }), /address below, of login\.example/);
  });

  it('[E8] keeps its links, and within the editor’s limit, however long the address is', () => {
    const long = `${url}&scope=${'x'.repeat(5_000)}`;
    const text = say({ isOpened: false, isLate: true, url: long, givenUp: 'y'.repeat(5_000) });
    assert.ok(text.length <= 1_000, String(text.length));
    assert.equal(linksIn(text).length, 4);
    assert.ok(text.endsWith('…'));
  });

  it('[E8] keeps the code and its page, with a link that copies the code', () => {
    const text = say({ flow: 'deviceCode', code, url: code.verificationUri, others: [] });
    assert.match(text, /enter the code ABCD-EFGH at/);
    assert.deepEqual(linksIn(text), [
      ['https://login.example/activate', 'command:openPage'],
      ['Copy Code', 'command:copyCode'],
    ]);
  });

  it('[E8] shows the page of a code that did not open', () => {
    const text = say({ flow: 'deviceCode', code, url: code.verificationUri, others: [], isOpened: false });
    assert.match(
      text,
      /^No browser opened\. Enter the code ABCD-EFGH at the address below, in any browser\./,
    );
    assert.ok(text.endsWith(code.verificationUri));
    assert.deepEqual(
      linksIn(text).map(([label]) => label),
      ['Copy Code', 'Copy Address', 'Try Again'],
    );
  });

  it('[E8] lets no tenant make a link of its code or its page', () => {
    const evil = { ...code, userCode: '[A](command:x)', verificationUri: 'https://a.example/](command:x)' };
    for (const isOpened of [true, false]) {
      const links = linksIn(say({ flow: 'deviceCode', code: evil, url: evil.verificationUri, isOpened }));
      assert.ok(
        links.every(([, target]) => target !== 'command:x'),
        JSON.stringify(links),
      );
    }
  });
});
