import { chromium, type Browser, type BrowserContext } from 'playwright-core';
import { chromiumPath } from '../needs.ts';
import type { View } from './host.ts';
import { redirectorHost } from './vscodeDev.ts';

/**
 * Starts Chromium, without what it would ask of the network by itself.
 * @param hiddenName a name that it finds on this machine, and trusts
 */
export function launchBrowser(hiddenName?: string): Promise<Browser> {
  const rules = [`MAP ${redirectorHost} ~NOTFOUND`];
  if (hiddenName !== undefined) rules.push(`MAP ${hiddenName} 127.0.0.1`);
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=${rules.join(',')}`,
      ...(hiddenName === undefined ? [] : ['--ignore-certificate-errors']),
    ],
  });
}

const everyday: View = { width: 1280, height: 800, scale: 1, colors: 'light' };

/** A browser of a person of its own, with a clipboard. */
export function newPersonContext(browser: Browser, view = everyday): Promise<BrowserContext> {
  const { width, height, scale, colors } = view;
  return browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: scale,
    colorScheme: colors,
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
}
