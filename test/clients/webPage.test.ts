import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { launchBrowser } from '../editor/browser.ts';
import { describeNeeds } from '../needs.ts';
import { createAuthority } from '../network/certificates.ts';
import { demoUser } from '../tenant/accounts.ts';
import { startTlsFront, type TlsFront } from '../tenant/tlsFront.ts';
import { sdkConnections } from './sdkConnections.ts';
import { scopes, startTeam, type Team } from './team.ts';
import { knownFrom, registeredId } from './teamClient.ts';

const name = 'tool.example';

describeNeeds(
  ['Chromium', 'OpenSSL'],
  'a page of another origin, given the address of a team’s server alone',
  () => {
    const directory = temporaryDirectory();
    let pages: Server;
    let allowed: TlsFront;
    let other: TlsFront;
    let team: Team;
    let browser: Browser;
    let page: Page;

    before(async () => {
      const { outputFiles } = await build({
        entryPoints: [fileURLToPath(import.meta.resolve('./webPage/page.ts'))],
        bundle: true,
        format: 'esm',
        platform: 'browser',
        target: 'es2024',
        write: false,
      });
      pages = createServer(({ url = '' }, response) => {
        if (url !== '/page.js') {
          response.setHeader('content-type', 'text/html');
          response.end('<!doctype html><body><script type="module" src="/page.js"></script>');
        } else {
          response.setHeader('content-type', 'text/javascript');
          response.end(outputFiles[0]?.text);
        }
      }).listen(0, '127.0.0.1');
      await once(pages, 'listening');
      const certificate = createAuthority(join(directory.path, 'authority')).issue({
        names: [`DNS:${name}`],
      });
      [allowed, other] = await Promise.all([
        startTlsFront(name, certificate),
        startTlsFront(name, certificate),
      ]);
      for (const front of [allowed, other]) front.leadTo((pages.address() as AddressInfo).port, '127.0.0.1');
      const redirectUris = [allowed, other].map(({ address }) => `${address}/callback`);
      team = await startTeam(
        directory.path,
        () => ({ clients: [{ clientId: registeredId, redirectUris }] }),
        ['--allow-origin', allowed.address],
      );
      browser = await launchBrowser(name);
    });
    beforeEach(async () => {
      const person = await browser.newContext();
      page = await person.newPage();
      page.setDefaultTimeout(20_000);
      team.tenant.resetCounters();
    });
    afterEach(() => page.context().close());
    after(async () => {
      await browser.close();
      await team.stop();
      for (const front of [allowed, other]) front.stop();
      pages.close();
      directory.remove();
    });

    const open = (origin: string, sdk: string) =>
      page.goto(`${origin}/?${new URLSearchParams({ server: team.url, sdk }).toString()}`);
    async function said(): Promise<string> {
      await page.locator('body', { hasText: /\S/ }).waitFor();
      return page.locator('body').innerText();
    }

    for (const sdk of Object.keys(sdkConnections)) {
      it(`signs the person in, and calls a tool by ${sdk}, where it is allowed`, async () => {
        await open(allowed.address, sdk);
        await page.fill('[name=email]', demoUser.email);
        await page.fill('[name=password]', demoUser.password);
        await page.click('#login');
        await page.waitForURL(`${allowed.address}/callback**`);
        const { sub, scopes: given } = knownFrom(JSON.parse(await said()) as Record<string, unknown>);
        assert.equal(sub, 'auth0|ada');
        for (const scope of scopes) assert.ok(given.includes(scope), given.join(' '));
      });

      it(`gets nowhere by ${sdk}, where it is not allowed`, async () => {
        await open(other.address, sdk);
        assert.match(await said(), /^It does not work: /);
        assert.equal(team.tenant.counts().signIns, 0);
      });
    }
  },
);
