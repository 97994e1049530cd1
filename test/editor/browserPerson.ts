import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import { googleUser } from '../tenant/accounts.ts';
import type { Person as TenantPerson } from '../tenant/browserless.ts';
import { unforwardedHost } from './codeServer.ts';
import type { EditorHost } from './host.ts';
import type { Person } from './person.ts';
import { readDatabases } from './readDatabases.ts';
import { standInForRedirector } from './vscodeDev.ts';

/** How long (ms) to wait for what is to come: on a busy machine an editor takes its time. */
const patience = 30_000;
/** How long (ms) after which a click or a key that had no effect is tried again. */
const again = 2_000;

/** Opens a window of the editor, and acts in it and in the browser as a person does. */
export async function createBrowserPerson(
  host: Omit<EditorHost, 'stop'>,
  artifacts: string,
): Promise<Person> {
  mkdirSync(artifacts, { recursive: true });
  const context = host.browser;
  context.setDefaultTimeout(patience);
  standInForRedirector(context);
  const windows: Page[] = [];
  const opened: Page[] = [];
  context.on('page', page => opened.push(page));
  /** Of the tenant's page, which is the same at each sign-in. */
  let hasPicture = false;

  const windowOf = (number = 0): Page => {
    const page = windows[number];
    if (!page) throw new Error(`There is no window ${String(number)}.`);
    return page;
  };

  const tabs = (): Page[] => context.pages().filter(page => !windows.includes(page) && !page.isClosed());

  async function closeTabs(): Promise<void> {
    await Promise.all(tabs().map(page => page.close()));
  }

  async function tenantPage(): Promise<Page> {
    const deadline = Date.now() + patience;
    while (Date.now() < deadline) {
      await agreeToOpen();
      for (const page of tabs()) {
        const way = page.locator('#login, #signup, #google, #continue, #confirm').first();
        // It may be closed, or go to another page, just now.
        if (await way.isVisible().catch(() => false)) return page;
      }
      await delay(100);
    }
    throw new Error(
      `No login page opened; open are: ${
        tabs()
          .map(page => page.url())
          .join(', ') || 'none'
      }`,
    );
  }

  /** The editor asks before it opens an address that it does not know. */
  async function agreeToOpen(): Promise<void> {
    for (const [number, page] of windows.entries()) {
      if (page.isClosed()) continue;
      const open = buttons('Open', number);
      // Where that has no effect, whoever looks for the page looks here again.
      if (await open.isVisible()) await open.click({ timeout: again }).catch(() => undefined);
    }
  }

  /** What has just appeared takes no clicks and no keys yet: does it again until it has an effect. */
  async function insist(act: () => Promise<void>, hasEffect: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + patience;
    for (;;) {
      // What an earlier try did after all leaves nothing to click.
      const problem = await act().catch((error: unknown) => error);
      for (const pause = Date.now() + again; Date.now() < pause; await delay(50)) {
        if (await hasEffect().catch(() => false)) return;
      }
      if (Date.now() > deadline) throw problem ?? new Error('It has no effect.');
    }
  }

  async function clickAway(what: Locator): Promise<void> {
    await what.waitFor();
    await insist(
      () => what.click({ timeout: again }),
      () => what.isHidden(),
    );
  }

  function escape(page: Page, from: Locator): Promise<void> {
    return insist(
      () => page.keyboard.press('Escape'),
      () => from.isHidden(),
    );
  }

  async function openAccounts(page: Page): Promise<void> {
    const accounts = page
      .locator('.activitybar [aria-label^="Accounts"], .titlebar-container [aria-label^="Accounts"]')
      .first();
    const menu = page.locator('.context-view .monaco-menu').first();
    await escape(page, menu);
    await accounts.waitFor();
    await insist(
      () => accounts.click({ timeout: again }),
      () => menu.isVisible(),
    );
  }

  /** The list or box that asks for something; the next one is in the same element. */
  const question = (page: Page, title?: string) => {
    const widget = page.locator('.quick-input-widget');
    return title === undefined
      ? widget
      : widget.filter({ has: page.locator('.quick-input-title', { hasText: title }) });
  };

  const viewLines = (page: Page) => page.locator('.sidebar .customview-tree .monaco-list-row');

  const paletteInput = (page: Page) => page.locator('.quick-input-widget input').first();

  const commandNames = (page: Page) => page.locator('.quick-input-list .monaco-list-row .label-name');

  async function isPalette(page: Page): Promise<boolean> {
    const input = paletteInput(page);
    return (await input.isVisible()) && (await input.inputValue({ timeout: again })).startsWith('>');
  }

  async function fillPalette(page: Page, text: string): Promise<void> {
    await insist(
      async () => {
        await page.keyboard.press('Escape');
        await page.keyboard.press('F1');
      },
      () => isPalette(page),
    );
    await paletteInput(page).fill(`>${text}`);
  }

  /** What has just appeared may still be moving. */
  async function picture(page: Page, name: string): Promise<void> {
    // Away from whatever shows a hint.
    await page.mouse.move(1, 1);
    await page.waitForTimeout(600);
    await page.screenshot({ path: join(artifacts, `${name}.png`) });
  }

  const menuItems = (page: Page) => page.locator('.context-view .monaco-menu .action-label');

  const buttons = (button: string, window?: number) =>
    windowOf(window)
      .locator(
        '.monaco-dialog-box .monaco-button, .notifications-toasts .monaco-button, .chat-confirmation-widget-container .monaco-button',
      )
      .filter({ hasText: new RegExp(`^\\s*${button}\\s*$`) })
      .first();

  const person: Person = {
    press: (button, window) => buttons(button, window).click(),
    async follow(link, window) {
      await windowOf(window).locator('.notifications-toasts a').filter({ hasText: link }).first().click();
    },
    async signIn(who) {
      const page = await tenantPage();
      await walk(page, who, async () => {
        if (!hasPicture) await page.screenshot({ path: join(artifacts, 'login.png') });
        hasPicture = true;
      });
      await page.waitForLoadState();
      return page.locator('body').innerText();
    },
    async passThrough() {
      for (const deadline = Date.now() + patience; tabs().length === 0; await delay(100)) {
        if (Date.now() > deadline) throw new Error('No page opened.');
        await agreeToOpen();
      }
    },
    async seeLoginPage() {
      return (await tenantPage()).url();
    },
    closeTabs,
    async leaveTenant() {
      for (const page of windows) if (!page.isClosed()) await page.keyboard.press('Escape');
      await closeTabs();
      for (const domain of ['localhost', unforwardedHost]) await context.clearCookies({ domain });
    },
    tabsOpened: () => Promise.resolve(opened.filter(page => !windows.includes(page)).length),
    async readAccounts(window, name) {
      const page = windowOf(window);
      await openAccounts(page);
      const entries = await menuItems(page).allInnerTexts();
      if (name) await picture(page, name);
      await escape(page, menuItems(page).first());
      return entries.map(text => text.trim()).filter(Boolean);
    },
    async chooseFromAccounts(entry, window) {
      const page = windowOf(window);
      await openAccounts(page);
      await clickAway(menuItems(page).filter({ hasText: entry }).first());
    },
    async signOutFromAccounts(account, window) {
      const page = windowOf(window);
      await openAccounts(page);
      const entry = menuItems(page).filter({ hasText: account }).first();
      const signOut = menuItems(page)
        .filter({ hasText: /^Sign Out$/ })
        .first();
      await insist(
        () => entry.hover({ timeout: again }),
        () => signOut.isVisible(),
      );
      await signOut.hover();
      await clickAway(signOut);
    },
    async readView(window) {
      const lines = await viewLines(windowOf(window)).allInnerTexts();
      return lines.map(line => line.replaceAll(/\s+/g, ' ').trim());
    },
    async chooseFromView(line, entry, window) {
      const page = windowOf(window);
      const chosen = menuItems(page).filter({ hasText: entry }).first();
      await insist(
        () => viewLines(page).filter({ hasText: line }).first().click({ button: 'right', timeout: again }),
        () => chosen.isVisible(),
      );
      await clickAway(chosen);
    },
    async runCommand(title, window) {
      const page = windowOf(window);
      await fillPalette(page, title);
      const command = commandNames(page)
        .filter({ hasText: new RegExp(`^${title}$`) })
        .first();
      await command.waitFor();
      await insist(
        () => command.click({ timeout: again }),
        async () => !(await isPalette(page)),
      );
    },
    async findCommands(text, window) {
      const page = windowOf(window);
      await fillPalette(page, text);
      // The editor looks for similar ones a moment later.
      await page.waitForTimeout(1_000);
      const titles = await commandNames(page).allInnerTexts();
      await escape(page, paletteInput(page));
      return titles;
    },
    async choose(entry, title, window) {
      await clickAway(
        question(windowOf(window), title)
          .locator('.quick-input-list .monaco-list-row')
          .filter({ hasText: entry })
          .first(),
      );
    },
    async chooseAll(title, window) {
      const page = windowOf(window);
      const list = question(page, title);
      const rows = list.locator('.quick-input-list .monaco-list-row');
      await rows.first().waitFor();
      // What has just appeared may take no clicks yet, and a second click would take the first one back.
      await page.waitForTimeout(600);
      for (const row of await rows.all()) await row.click();
      await insist(
        () => page.keyboard.press('Enter'),
        () => list.isHidden(),
      );
    },
    async enter(text, title, window) {
      const input = question(windowOf(window), title).locator('input').first();
      await input.fill(text);
      await input.press('Enter');
    },
    type: (text, title, window) => question(windowOf(window), title).locator('input').first().fill(text),
    readTyped: (title, window) => question(windowOf(window), title).locator('input').first().inputValue(),
    goBack: (title, window) =>
      clickAway(
        question(windowOf(window), title).locator('.quick-input-left-action-bar .action-label').first(),
      ),
    async openWindow() {
      const window = await host.openWindow(title => person.runCommand(title));
      window.setDefaultTimeout(patience);
      windows.push(window);
      return windows.length - 1;
    },
    async reload(window) {
      await host.reload(windowOf(window), title => person.runCommand(title, window));
    },
    async closeWindow(window) {
      await windowOf(window).close();
    },
    async readMessages(window) {
      const shown = windowOf(window).locator(
        '.monaco-dialog-box, .notification-list-item, .quick-input-message:visible',
      );
      return (await shown.allInnerTexts()).join('\n');
    },
    async readNotifications(window) {
      await person.runCommand('Notifications: Show Notifications', window);
      const center = windowOf(window).locator('.notifications-center .notification-list-item');
      await center.first().waitFor();
      const texts = await center.allInnerTexts();
      // No other notification pops up while these are shown.
      await escape(windowOf(window), center.first());
      return texts.join('\n');
    },
    clearNotifications: window => person.runCommand('Notifications: Clear All Notifications', window),
    readDatabases: window => windowOf(window).evaluate<string>(readDatabases),
    async see(text, window) {
      await windowOf(window).getByText(text).first().waitFor();
    },
    async pressKey(key, window) {
      await windowOf(window).keyboard.press(key);
    },
    async readDoneSteps(window) {
      const steps = windowOf(window).locator('[data-done-step-id]');
      await steps.first().waitFor();
      const done = windowOf(window).locator('[data-done-step-id][aria-checked=true]');
      return Promise.all(
        (await done.all()).map(async step => (await step.getAttribute('data-done-step-id')) ?? ''),
      );
    },
    async screenshot(name, window) {
      await picture(windowOf(window), name);
    },
  };
  await person.openWindow();
  return person;
}

/** Whether an address is the one by which code-server hears of a sign-in. */
const isEditors = ({ searchParams }: URL): boolean => searchParams.has('vscode-authority');

/** A third party's sign-in has a page more, the first time. */
async function agreeToThirdParty(page: Page): Promise<void> {
  const accept = page.locator('#accept');
  const isElsewhere = (address: URL) => !address.pathname.startsWith('/interaction/');
  await Promise.race([accept.waitFor(), page.waitForURL(isElsewhere)]);
  if (await accept.isVisible()) await accept.click();
}

/** Goes through the tenant's pages; which come first depends on whether it already knows the person. @param beforeLogin what is done when the form is filled in */
async function walk(page: Page, who: TenantPerson, beforeLogin: () => Promise<unknown>): Promise<void> {
  const pages = page.locator('#login, #signup, h1:has-text("signed in"), h1:has-text("Signed in")');
  const code = page.locator('#continue, #confirm');
  for (;;) {
    await pages.or(code).first().waitFor();
    if (!(await code.first().isVisible())) break;
    await code.first().click();
  }
  if (!(await page.locator('#login, #signup').first().isVisible())) return;
  if (who === 'cancel') {
    await page.click('#cancel');
  } else if (who === 'google') {
    await page.click('#google');
    // Google may know the person already, and an editor in the browser says in its own words that it has heard of them.
    await Promise.race([pages.first().waitFor(), page.waitForURL(isEditors)]);
    if (!(await page.locator('#login').isVisible())) return;
    await page.fill('[name=email]', googleUser.email);
    await page.fill('[name=password]', googleUser.password);
    await page.click('#login');
  } else if ('signUp' in who) {
    if (await page.locator('#to-signup').isVisible()) await page.click('#to-signup');
    await page.fill('[name=name]', who.signUp.name);
    await page.fill('[name=email]', who.signUp.email);
    await page.fill('[name=password]', who.signUp.password);
    await page.click('#signup');
  } else {
    await page.fill('[name=email]', who.email);
    await page.fill('[name=password]', who.password);
    await beforeLogin();
    await page.click('#login');
  }
  await agreeToThirdParty(page);
  await page.waitForURL(address => !address.pathname.startsWith('/interaction/'));
}
