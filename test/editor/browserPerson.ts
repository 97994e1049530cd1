import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { googleUser } from '../tenant/accounts.ts';
import type { Person as TenantPerson } from '../tenant/browserless.ts';
import { unforwardedHost } from './codeServer.ts';
import type { EditorHost } from './host.ts';
import type { Person } from './person.ts';

const patience = 15_000;

/** Opens a window of the editor, and acts in it and in the browser as a person does. */
export async function createBrowserPerson(
  host: Omit<EditorHost, 'stop'>,
  artifacts: string,
): Promise<Person> {
  mkdirSync(artifacts, { recursive: true });
  const context = host.browser;
  context.setDefaultTimeout(patience);
  const windows: Page[] = [];
  const opened: Page[] = [];
  context.on('page', page => opened.push(page));

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
        if (await page.locator('#login, #signup, #google, #continue, #confirm').first().isVisible())
          return page;
      }
      await new Promise(resolve => setTimeout(resolve, 100));
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
      if (!page.isClosed() && (await buttons('Open', number).isVisible()))
        await buttons('Open', number).click();
    }
  }

  async function openAccounts(page: Page): Promise<void> {
    await page.keyboard.press('Escape');
    await page
      .locator('.activitybar [aria-label="Accounts"], .titlebar-container [aria-label="Accounts"]')
      .first()
      .click();
    await page.locator('.context-view .monaco-menu').first().waitFor();
  }

  /** What has just appeared may still be moving. */
  async function picture(page: Page, name: string): Promise<void> {
    await page.waitForTimeout(600);
    await page.screenshot({ path: join(artifacts, `${name}.png`) });
  }

  const menuItems = (page: Page) => page.locator('.context-view .monaco-menu .action-label');

  const buttons = (button: string, window?: number) =>
    windowOf(window)
      .locator('.monaco-dialog-box .monaco-button, .notifications-toasts .monaco-button')
      .filter({ hasText: new RegExp(`^\\s*${button}\\s*$`) })
      .first();

  const person: Person = {
    press: (button, window) => buttons(button, window).click(),
    async follow(link, window) {
      await windowOf(window).locator('.notifications-toasts a').filter({ hasText: link }).first().click();
    },
    async signIn(who) {
      const page = await tenantPage();
      await page.screenshot({ path: join(artifacts, 'login.png') });
      await walk(page, who);
      await page.waitForLoadState();
      return page.locator('body').innerText();
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
      await page.keyboard.press('Escape');
      return entries.map(text => text.trim()).filter(Boolean);
    },
    async signOutFromAccounts(account, window) {
      const page = windowOf(window);
      await openAccounts(page);
      await menuItems(page).filter({ hasText: account }).first().hover();
      const signOut = menuItems(page)
        .filter({ hasText: /^Sign Out$/ })
        .first();
      await signOut.hover();
      // A menu that has just opened takes no clicks yet.
      await page.waitForTimeout(500);
      await signOut.click({ delay: 100 });
    },
    async runCommand(title, window) {
      const page = windowOf(window);
      await page.keyboard.press('Escape');
      await page.keyboard.press('F1');
      await page.locator('.quick-input-widget input').first().fill(`>${title}`);
      await page
        .locator('.quick-input-list .monaco-list-row .label-name')
        .filter({ hasText: new RegExp(`^${title}$`) })
        .first()
        .click();
      // What the command asks is in the same element.
      await page.waitForTimeout(300);
    },
    async choose(entry, window) {
      await windowOf(window)
        .locator('.quick-input-list .monaco-list-row')
        .filter({ hasText: entry })
        .first()
        .click();
      // The next list is in the same element.
      await windowOf(window).waitForTimeout(500);
    },
    async enter(text, window) {
      const page = windowOf(window);
      const input = page.locator('.quick-input-widget input').first();
      await page.locator('.quick-input-list .monaco-list-row').first().waitFor({ state: 'hidden' });
      await input.fill(text);
      await input.press('Enter');
      // The next box is the same element, filled anew.
      await page.waitForTimeout(500);
    },
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
        '.monaco-dialog-box, .notification-list-item, .quick-input-message',
      );
      return (await shown.allInnerTexts()).join('\n');
    },
    async readNotifications(window) {
      await person.runCommand('Notifications: Show Notifications', window);
      const center = windowOf(window).locator('.notifications-center .notification-list-item');
      await center.first().waitFor();
      return (await center.allInnerTexts()).join('\n');
    },
    clearNotifications: window => person.runCommand('Notifications: Clear All Notifications', window),
    async screenshot(name, window) {
      await picture(windowOf(window), name);
    },
  };
  await person.openWindow();
  return person;
}

/** Goes through the tenant's pages; which come first depends on whether it already knows the person. */
async function walk(page: Page, who: TenantPerson): Promise<void> {
  if (await page.locator('#continue').isVisible()) await page.click('#continue');
  if (await page.locator('#confirm').isVisible()) await page.click('#confirm');
  const pages = page.locator('#login, #signup, h1:has-text("signed in"), h1:has-text("Signed in")');
  await pages.first().waitFor();
  if (!(await page.locator('#login, #signup').first().isVisible())) return;
  if (who === 'cancel') {
    await page.click('#cancel');
  } else if (who === 'google') {
    await page.click('#google');
    await page.waitForSelector('#login');
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
    await page.click('#login');
  }
  await page.waitForURL(address => !address.pathname.startsWith('/interaction/'));
}
