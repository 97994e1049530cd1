import { chromium, type Browser, type BrowserContext } from 'playwright-core';
import { chromiumPath } from '../needs.ts';

/**
 * Starts Chromium, without what it would ask of the network by itself.
 * @param hiddenName a name that it finds on this machine, and trusts
 */
export function launchBrowser(hiddenName?: string): Promise<Browser> {
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
      ...(hiddenName === undefined
        ? []
        : [`--host-resolver-rules=MAP ${hiddenName} 127.0.0.1`, '--ignore-certificate-errors']),
    ],
  });
}

/** A browser of a person of its own, with a clipboard. */
export function newPersonContext(browser: Browser): Promise<BrowserContext> {
  return browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
}
