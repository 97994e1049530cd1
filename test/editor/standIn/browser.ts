import { setTimeout as delay } from 'node:timers/promises';
import { signInByForm, type CookieJar, type Person } from '../../tenant/browserless.ts';
import type { StandIn } from './startExtension.ts';

/** The next address that the window opens in the browser after those that were seen. */
export async function nextOpened({ opened }: StandIn, seen = 0, patience = 15_000): Promise<string> {
  for (const deadline = Date.now() + patience; Date.now() < deadline; await delay(10)) {
    const address = opened[seen];
    if (address !== undefined) return address;
  }
  throw new Error(`The window opened no address after the first ${String(seen)}.`);
}

/**
 * Walks the tenant's pages from the next address that the window opens, and hands a callback of the editor's own scheme
 * back to the window, as the system does.
 * @param seen how many addresses were opened before
 * @returns the last address
 */
export async function signInInBrowser(
  editor: StandIn,
  person?: Person,
  { seen = 0, cookies }: { seen?: number; cookies?: CookieJar } = {},
): Promise<string> {
  const { url } = await signInByForm(await nextOpened(editor, seen), person, cookies);
  if (!url.startsWith('http')) await editor.handleUri(url);
  return url;
}
