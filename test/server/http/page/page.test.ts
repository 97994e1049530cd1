import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { languages } from '../../../../src/common/languages.ts';
import { readTranslation } from '../../../../src/common/translation.ts';
import { pageHeaders, peoplePage } from '../../../../src/server/http/page/page.ts';
import { launchBrowser } from '../../../editor/browser.ts';
import { describeNeeds } from '../../../needs.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const mcpUrl = 'https://omnispindle.example/team/mcp';
const answer = peoplePage(mcpUrl, root);
const read = (accepted?: string, url = mcpUrl) =>
  (url === mcpUrl ? answer : peoplePage(url, root))(
    new Request(
      'http://localhost/',
      accepted === undefined ? {} : { headers: { 'accept-language': accepted } },
    ),
  );

describe('the page for people', () => {
  it('lets nothing run, load, frame it, or be told of it', async () => {
    const { headers } = read();
    assert.match(
      headers.get('content-security-policy') ?? '',
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('vary'), 'Accept-Language');
    assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
    assert.doesNotMatch(await read().text(), /<script|<img|<link|\son\w+=|\bsrc=|style=/i);
  });

  it('gives each client the address as it takes it', async () => {
    const html = await read().text();
    const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href.replaceAll('&#38;', '&'));
    const [vscode = '', cursor = ''] = links;
    assert.ok(vscode.startsWith('vscode:mcp/install?'));
    assert.deepEqual(JSON.parse(decodeURIComponent(vscode.slice('vscode:mcp/install?'.length))), {
      name: 'omnispindle',
      type: 'http',
      url: mcpUrl,
    });
    const { protocol, host, pathname, searchParams } = new URL(cursor);
    assert.equal(`${protocol}//${host}${pathname}`, 'cursor://anysphere.cursor-deeplink/mcp/install');
    assert.equal(searchParams.get('name'), 'omnispindle');
    const config = Buffer.from(searchParams.get('config') ?? '', 'base64').toString();
    assert.deepEqual(JSON.parse(config), { url: mcpUrl });
    for (const line of [
      `claude mcp add --scope user --transport http omnispindle ${mcpUrl}`,
      `codex mcp add omnispindle --url ${mcpUrl}`,
      'codex mcp login omnispindle',
      `npx -y omnispindle connect ${mcpUrl}`,
    ]) {
      assert.ok(html.includes(line), line);
    }
  });

  it('writes an address as text, whatever is in it', async () => {
    const html = await read(
      undefined,
      `https://omnispindle.example/a'"><script>alert(1)</script>&b=$(id)`,
    ).text();
    assert.doesNotMatch(html, /<script|&b=|'">/);
    // No shell runs a part of it.
    assert.match(html, /connect &#39;https:/);
  });

  for (const language of languages) {
    it(`speaks the language of the browser: ${language}`, async () => {
      const response = read(`${language},en;q=0.5`);
      assert.equal(response.headers.get('content-language'), language);
      const html = await response.text();
      const title = readTranslation(root, language)?.contents?.['Omnispindle for your team'];
      assert.ok(typeof title === 'string' && html.includes(`<h1>${title}</h1>`), html);
      assert.ok(html.includes(`<html lang="${language}"`));
      assert.doesNotMatch(html, /You sign in|Connect your/);
    });
  }

  it('speaks English to who asks for it, and for a language that is not ours', async () => {
    for (const accepted of ['en-GB', 'nl', undefined]) {
      assert.match(await read(accepted).text(), /<html lang="en".*<h1>Omnispindle for your team<\/h1>/s);
    }
  });

  describeNeeds(['Chromium'], 'in a browser', () => {
    let browser: Browser;
    let server: Server;
    let url: string;

    before(async () => {
      server = createServer((request, response) => {
        const language = request.headers['accept-language'];
        void read(language)
          .text()
          .then(html => response.writeHead(200, pageHeaders).end(html));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
      browser = await launchBrowser();
    });
    after(async () => {
      await browser.close();
      server.close();
    });

    for (const colors of ['light', 'dark'] as const) {
      for (const width of [320, 1280]) {
        it(`is to be read, and used by the keyboard: ${colors}, ${String(width)} pixels wide`, async () => {
          const context = await browser.newContext({
            viewport: { width, height: 800 },
            colorScheme: colors,
            locale: 'de-DE',
          });
          const page = await context.newPage();
          const complaints: string[] = [];
          const asked: string[] = [];
          page.on('console', message => complaints.push(message.text()));
          page.on('pageerror', error => complaints.push(String(error)));
          page.on('request', request => asked.push(new URL(request.url()).pathname));
          await page.goto(url);
          assert.deepEqual([complaints, asked.filter(path => path !== '/favicon.ico')], [[], ['/']]);

          const { scrollWidth, background } = await page.evaluate<Layout>(layout);
          assert.ok(scrollWidth <= width, String(scrollWidth));
          assert.equal(background, colors === 'dark' ? 'rgb(20, 24, 31)' : 'rgb(246, 247, 249)');
          const texts = await page.evaluate<{ text: string; ratio: number }[]>(contrasts);
          assert.ok(texts.length > 15);
          for (const { text, ratio } of texts) assert.ok(ratio >= 4.5, `${text}: ${String(ratio)}`);

          const focused: string[] = [];
          for (let i = 0; i < 3; i++) {
            await page.keyboard.press('Tab');
            focused.push(await page.evaluate<string>(focus));
          }
          assert.deepEqual(focused, ['solid vscode', 'solid cursor', 'solid https']);
          await context.close();
        });
      }
    }
  });
});

interface Layout {
  readonly scrollWidth: number;
  readonly background: string;
}

// What follows runs in the browser.
const layout = `({
  scrollWidth: document.documentElement.scrollWidth,
  background: getComputedStyle(document.body).backgroundColor,
})`;
const focus =
  '`${getComputedStyle(document.activeElement).outlineStyle} ${document.activeElement.href.split(/[:?]/)[0]}`';

/** The contrast of each text with what is behind it (WCAG 2.2, success criterion 1.4.3). */
const contrasts = `(() => {
  const channels = color => color.match(/[\\d.]+/g).map(Number);
  const luminance = color => {
    const [red, green, blue] = channels(color).map(value => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const backgroundOf = element => {
    const color = element ? getComputedStyle(element).backgroundColor : 'rgb(255, 255, 255)';
    return channels(color)[3] === 0 ? backgroundOf(element.parentElement) : color;
  };
  return [...document.querySelectorAll('h1, h2, h3, p, pre, a')].map(element => {
    const both = [getComputedStyle(element).color, backgroundOf(element)].map(luminance);
    const [darker, lighter] = both.sort((a, b) => a - b);
    return { text: element.textContent, ratio: (lighter + 0.05) / (darker + 0.05) };
  });
})()`;
