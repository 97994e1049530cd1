import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser } from '../../src/terminal/browser.ts';
import { failsWith, useDirectory } from '../auth/fixtures.ts';
import { startImpostor, type Impostor } from '../tenant/impostor.ts';
import { call, run, serve, visits, type Surroundings } from './fixtures.ts';
import { describeNeeds } from '../needs.ts';

const foreign = [
  'file:///etc/passwd',
  'ms-msdt:/id PCWDiagnostic',
  'javascript:alert(1)',
  'https://evil.example/',
];

describeNeeds(['a POSIX system'], 'an address that the tenant gives in a terminal', () => {
  const directory = useDirectory();
  let impostor: Impostor;
  let elsewhere: Impostor;

  before(async () => {
    impostor = await startImpostor();
    elsewhere = await startImpostor();
  });
  after(() => Promise.all([impostor.close(), elsewhere.close()]));
  beforeEach(() => {
    impostor.discovers({});
    elsewhere.discovers({});
  });
  const user = (): Surroundings => ({ tenant: impostor.tenant(), directory: directory.path });

  for (const address of foreign) {
    it(`[T2] is neither opened nor printed by login --device: ${address}`, async () => {
      impostor.answer('/oauth/device/code', {
        device_code: 'D',
        user_code: 'ABCD-EFGH',
        verification_uri: `${impostor.domain}/activate`,
        verification_uri_complete: address,
        expires_in: 600,
        interval: 1,
      });
      const { code, stdout, stderr } = await run(user(), 'login', '--device');
      assert.deepEqual(visits(directory.path), []);
      assert.notEqual(code, 0);
      assert.match(stderr, /names an address elsewhere.*"verification_uri_complete"/);
      assert.ok(!`${stdout}${stderr}`.includes(address), stderr);
    });

    it(`[T2] is not opened by the first call of a tool, nor offered to its client: ${address}`, async () => {
      impostor.discovers({ authorization_endpoint: address });
      const { client, stderr } = await serve(user());
      const news: (string | undefined)[] = [];
      const { error } = await call(client, 'whoami', {}, { onprogress: ({ message }) => news.push(message) });
      await client.close();
      assert.match(error ?? '', /names an address elsewhere.*"authorization_endpoint"/);
      assert.ok(![error, ...news, stderr()].join('\n').includes(address));
      assert.deepEqual(visits(directory.path), []);
    });
  }

  it('[T2] is opened last of all only if it is https or on this machine, whoever let it through before', async () => {
    const program = join(directory.path, 'browser');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
    const open = (address: string) => openBrowser(address, { BROWSER: program });
    for (const address of [
      'file:///etc/passwd',
      'ms-msdt:/id PCWDiagnostic',
      'javascript:alert(1)',
      'http://evil.example/',
      'https://genuine.example@evil.example/',
      '--help',
      '',
      `https://example.com/${'x'.repeat(20_000)}`,
    ]) {
      await failsWith(open(address), 'invalid_response', /was not opened/);
    }
    for (const address of [
      'https://example.com/?a=b',
      'http://localhost:1/',
      'http://127.0.0.1:1/',
      'http://[::1]:1/',
    ]) {
      assert.equal(await open(address), true);
    }
  });

  it('[T2] is not followed by doctor, where it is one that the discovery document is redirected to', async () => {
    impostor.answer('/.well-known/openid-configuration', (_request, response) => {
      response.writeHead(302, { location: `${elsewhere.domain}/.well-known/openid-configuration` }).end();
    });
    const { stdout } = await run(user(), 'doctor');
    assert.deepEqual(elsewhere.asked, []);
    assert.match(stdout, /did not answer like an Auth0 tenant/);
  });
});
