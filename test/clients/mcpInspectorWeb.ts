import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../editor/browser.ts';
import { eventually } from '../eventually.ts';
import { inspector } from '../inspector.ts';
import { demoUser } from '../tenant/accounts.ts';
import { personAt } from './stdioClients.ts';
import { knownFrom, registeredId, type ClientStart, type TeamClient } from './teamClient.ts';

const document = 'https://inspector.example/page.json';

/** The MCP Inspector’s page, which reaches servers by its own program on the person's machine. */
export const mcpInspectorWeb: TeamClient = {
  name: 'the MCP Inspector’s page',
  ways: ['dynamic', 'document', 'registered'],
  document,
  callback: port => `http://127.0.0.1:${String(port)}/oauth/callback`,
  async whoAmI(given) {
    const program = await start(given);
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(20_000);
      await page.goto(program.url, { waitUntil: 'domcontentloaded' });
      if (given.way === 'document') await nameDocument(page);
      await page.getByRole('switch').first().click({ force: true });
      await signInWhereAsked(page);
      return knownFrom(await callTool(page, given.tool ?? 'whoami'));
    } finally {
      await browser.close();
      await program.stop();
    }
  },
};

/** Starts the program with that server in its catalog. */
async function start({ url, way, port, home }: ClientStart) {
  mkdirSync(home, { recursive: true });
  const catalog = join(home, 'catalog.json');
  const oauth = way === 'registered' ? { oauth: { clientId: registeredId } } : {};
  writeFileSync(
    catalog,
    JSON.stringify({ mcpServers: { team: { type: 'streamable-http', url, ...oauth } } }),
  );
  const child = spawn(process.execPath, [inspector, '--web', '--catalog', catalog], {
    env: {
      ...personAt(home),
      CLIENT_PORT: String(port),
      MCP_SANDBOX_PORT: '0',
      MCP_APP_ORIGIN_PORT: '0',
      MCP_AUTO_OPEN_ENABLED: 'false',
      // There is no keychain.
      MCP_INSPECTOR_SECRET_STORE: 'file',
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    const [address] = /http:\S+_TOKEN=\S+/.exec(line) ?? [];
    if (address === undefined) continue;
    return {
      url: address,
      async stop() {
        child.kill();
        await ended;
      },
    };
  }
  throw new Error('The MCP Inspector has ended.');
}

async function nameDocument(page: Page): Promise<void> {
  await page.getByLabel('Client settings').click();
  await page.getByText('OAuth Client ID Metadata Document').click();
  const wanted = page.getByLabel('Use Client ID Metadata Document');
  // At the second start it is chosen already, which the page shows some time after it is there.
  await eventually('the choice of a document', async () => {
    if (await wanted.isChecked()) return true;
    await wanted.press('Space');
    await delay(1_000);
    return wanted.isChecked();
  });
  await page.getByLabel('Client ID metadata document URL').fill(document);
  await page.getByLabel('Close').click();
}

/** Where the tools are shown, once it is connected. */
const toolsOf = (page: Page) => page.locator('label', { hasText: /^Tools$/ }).first();

/** The tenant's pages are in the same tab. */
async function signInWhereAsked(page: Page): Promise<void> {
  const login = page.locator('#login');
  const tools = toolsOf(page);
  await login.or(tools).first().waitFor();
  if (!(await login.isVisible())) return;
  await page.fill('[name=email]', demoUser.email);
  await page.fill('[name=password]', demoUser.password);
  await login.click();
  const accept = page.locator('#accept');
  await accept.or(tools).first().waitFor();
  if (await accept.isVisible()) await accept.click();
}

async function callTool(page: Page, tool: string): Promise<Record<string, unknown>> {
  await toolsOf(page).click();
  await page.getByText(tool, { exact: true }).first().click();
  await page.getByRole('button', { name: 'Execute Tool' }).click();
  const shown = await page.getByTestId('structured-output').innerText();
  const [json = ''] = /\{.*\}/s.exec(shown) ?? [];
  return { structuredContent: JSON.parse(json) as unknown };
}
