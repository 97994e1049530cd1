import * as vscode from 'vscode';
import { requireSafeAddress } from '../auth/address.ts';
import type { Session } from '../sessions/session.ts';
import { copy } from './copy.ts';

/**
 * Opens an address as it is. The API's type wants a Uri, but `Uri` decodes a query while parsing, and a
 * redirect_uri that has a query of its own arrives broken; the string is passed on unharmed.
 * @returns whether a browser could be opened
 * @throws AuthError `invalid_response` where the address is neither https nor on this machine
 */
export async function openAddress(url: string): Promise<boolean> {
  requireSafeAddress(url);
  try {
    return await vscode.env.openExternal(url as unknown as vscode.Uri);
  } catch {
    return false;
  }
}

/**
 * Opens an address; where no browser opens, shows it, to be copied or tried again.
 * @throws AuthError `invalid_response` where the address is neither https nor on this machine
 */
export async function openOrShow(url: string): Promise<void> {
  while (!(await openAddress(url))) {
    const copyIt = vscode.l10n.t('Copy Address');
    const again = vscode.l10n.t('Try Again');
    const choice = await vscode.window.showWarningMessage(
      vscode.l10n.t('No browser opened. Open this address by hand: {0}', url),
      copyIt,
      again,
    );
    if (choice === copyIt) await copy(url);
    if (choice !== again) return;
  }
}

/**
 * Opens the tenant's page that logs the browser out, too.
 * @throws OmnispindleError where the tenant cannot be asked for its address
 */
export async function logOutOfBrowser({ tenant, sid }: Pick<Session, 'tenant' | 'sid'>): Promise<void> {
  const { browserLogout } = await import('../auth/browserLogout.ts');
  await openOrShow(await browserLogout(tenant, sid));
}
