import assert from 'node:assert/strict';
import { parseServerUrl, serverUrlProblem } from '../../../src/bridge/remote/serverUrl.ts';

describe('the address of a remote server', () => {
  const wrong: Readonly<Record<string, RegExp>> = {
    '': /^Give an address like https:/,
    'example.com/mcp': /no "https:\/\/" at the beginning\. Write https:\/\/example\.com\/mcp\.$/,
    '//example.com/mcp': /no "https:\/\/" at the beginning\. Write https:\/\/example\.com\/mcp\.$/,
    'https:example.com': /no "https:\/\/" at the beginning\. Write https:\/\/example\.com\.$/,
    'example.com:8443/mcp': /Write https:\/\/example\.com:8443\/mcp\.$/,
    'localhost:3000/mcp': /no "http:\/\/" at the beginning\. Write http:\/\/localhost:3000\/mcp\.$/,
    'ada:hunter2@example.com/mcp': /no "https:\/\/" at the beginning\. Give one like/,
    server: /no "https:\/\/" at the beginning\. Give one like/,
    'http://example.com/mcp': /begins with "http:\/\/".*Write https:\/\/; http is only for this machine/,
    'ftp://example.com/mcp': /begins with "ftp:\/\/"\. Only https:\/\//,
    'mcp://example.com': /begins with "mcp:\/\/"/,
    'https://ada:hunter2@example.com/mcp': /user name or a password in it, before the "@"/,
    'https://ada@example.com/mcp': /user name or a password/,
    'http://ada:hunter2@localhost/mcp': /user name or a password/,
    '/usr/local/bin/server': /path on this machine/,
    './server.mjs': /path on this machine/,
    '~/server.mjs': /path on this machine/,
    'C:\\servers\\server.exe': /path on this machine/,
    '\\\\machine\\share': /path on this machine/,
    'file:///home/ada/server.mjs': /path on this machine/,
    'https://example.com/my mcp': /space in it/,
    'npx -y some-server': /space in it/,
    'https://': /name of the machine is missing/,
    'https:///': /name of the machine is missing/,
    'https://:8080/mcp': /name of the machine is missing/,
    'https://example.com:99999/mcp': /port is 99999/,
    'https://exa<mple>.com/mcp': /cannot be read/,
  };
  for (const [address, said] of Object.entries(wrong)) {
    it(`[F5] is refused as "${address}", with what is wrong with this one`, () => {
      assert.match(serverUrlProblem(address) ?? '', said);
      assert.throws(() => parseServerUrl(address), {
        code: 'invalid_settings',
        message: new RegExp(`is not the address of an MCP server\\. .*${said.source.replace(/^\^/, '')}`),
      });
    });
  }

  it('[F5] is taken with https, and with http on this machine', () => {
    for (const address of [
      'https://example.com/mcp',
      ' https://example.com/mcp?key=1 ',
      'http://localhost:3000/mcp',
      'http://127.0.0.1:3000',
      'http://[::1]:3000/mcp',
    ]) {
      assert.equal(serverUrlProblem(address), undefined, address);
      assert.equal(parseServerUrl(address).href, new URL(address).href);
    }
  });

  it('[F5] is shown without its password and its query', () => {
    for (const address of ['https://ada:hunter2@example.com/?key=hunter2', 'ada:hunter2@example.com']) {
      assert.throws(
        () => parseServerUrl(address),
        (error: Error) => !error.message.includes('hunter2'),
        address,
      );
    }
  });
});
