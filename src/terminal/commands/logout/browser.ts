import * as l10n from '@vscode/l10n';
import { browserLogout } from '../../../auth/browserLogout.ts';
import { issuerOf, type Tenant } from '../../../auth/tenant.ts';
import { messageOf } from '../../../common/errors.ts';
import type { StoredEntry } from '../../../sessions/authenticator.ts';
import type { Session } from '../../../sessions/session.ts';
import { openBrowser } from '../../browser.ts';
import { exitCodeOf } from '../../exitCodes.ts';

/** How a browser's session was ended. */
interface BrowserEnd {
  /** Where it ends; absent where the tenant could not be asked. */
  readonly url?: string;
  /** Whether a browser was opened there. */
  readonly opened: boolean;
  /** What is to be said of it. */
  readonly message: string;
}

/**
 * Ends the browser's session at each tenant where somebody was signed in, or at the one that is set: whoever signs in there
 * next is asked who they are. A failure shows in the exit code, because nobody is signed in here any more then.
 */
export async function endBrowserSessions(
  entries: readonly StoredEntry[],
  tenant: Tenant,
): Promise<readonly BrowserEnd[]> {
  const sessions = entries.map(({ session }) => session).filter(session => session !== undefined);
  // A browser has one session at a tenant; the id of the latest sign-in is the one that may still be it.
  const latest = new Map<string, Pick<Session, 'tenant' | 'sid'>>();
  for (const session of sessions.toSorted((a, b) => a.signedInAt - b.signedInAt)) {
    latest.set(issuerOf(session.tenant), session);
  }
  const ends: BrowserEnd[] = [];
  for (const session of latest.size > 0 ? latest.values() : [{ tenant }]) ends.push(await end(session));
  return ends;
}

async function end({ tenant, sid }: Pick<Session, 'tenant' | 'sid'>): Promise<BrowserEnd> {
  try {
    const url = await browserLogout(tenant, sid);
    const opened = await openBrowser(url);
    const { host } = new URL(issuerOf(tenant));
    const message = opened
      ? l10n.t('The browser was opened to log out at {0}, too. If no page opened, open {1}', host, url)
      : l10n.t('To log out in the browser, too, open this address there: {0}', url);
    return { url, opened, message };
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    return { opened: false, message: messageOf(error) };
  }
}
