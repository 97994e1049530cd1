import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { tellPerson } from '../../../src/terminal/commands/login/tell.ts';

const url = 'https://tenant.example/authorize?state=x';
const code = {
  type: 'deviceCode',
  userCode: 'ABCD-EFGH',
  verificationUri: 'https://tenant.example/activate',
  verificationUriComplete: 'https://tenant.example/activate?user_code=ABCD-EFGH',
  expiresAt: 0,
} as const;

describe('[F7] a person at a terminal', () => {
  let said = '';
  const { write } = process.stderr;
  beforeEach(() => {
    said = '';
    process.stderr.write = (text: string | Uint8Array) => {
      said += String(text);
      return true;
    };
  });
  afterEach(() => {
    process.stderr.write = write;
  });

  function start(options: { isTTY?: boolean; quiet?: number } = {}) {
    const { isTTY = true, quiet = 5 } = options;
    const input = Object.assign(new PassThrough(), { isTTY }) as unknown as ReadStream & PassThrough;
    const opened: string[] = [];
    const open = (address: string) => Promise.resolve(opened.push(address) > 0);
    return { input, opened, ...tellPerson({ input, open, quiet }) };
  }
  const later = () => new Promise(resolve => setTimeout(resolve, 30));

  it('sees no address where the browser was opened, until they seem to need it', async () => {
    const { onProgress, stop } = start();
    onProgress({ type: 'browser', url, opened: true });
    assert.match(said, /^Your browser was opened to sign in\.\n$/);
    await later();
    assert.ok(said.includes(url), said);
    stop();
  });

  it('sees none at all where they come back before that', async () => {
    const { onProgress, stop } = start({ quiet: 20 });
    onProgress({ type: 'browser', url, opened: true });
    stop();
    await later();
    assert.ok(!said.includes(url), said);
  });

  it('sees the address at once where no browser opened', () => {
    const { onProgress, stop } = start();
    onProgress({ type: 'browser', url, opened: false });
    assert.ok(said.includes(url), said);
    stop();
  });

  it('sees the code, and opens its page by Enter', async () => {
    const { input, opened, onProgress, stop } = start();
    onProgress(code);
    assert.match(said, /Your code: ABCD-EFGH\nPress Enter to open https:\/\/tenant\.example\/activate here/);
    assert.deepEqual(opened, []);
    input.write('\n');
    await later();
    assert.deepEqual(opened, [code.verificationUriComplete]);
    stop();
  });

  it('opens nothing by Enter after the sign-in has ended', async () => {
    const { input, opened, onProgress, stop } = start();
    onProgress(code);
    stop();
    input.write('\n');
    await later();
    assert.deepEqual(opened, []);
  });

  it('is not asked to press Enter where nothing can be typed', () => {
    const { onProgress, stop } = start({ isTTY: false });
    onProgress(code);
    assert.match(said, /Open https:\/\/tenant\.example\/activate in any browser/);
    assert.doesNotMatch(said, /Enter to/);
    stop();
  });
});
