import * as l10n from '@vscode/l10n';
import { AuthError } from './authError.ts';
import { plainLine } from '../common/plainText.ts';
import { isLoopbackHost } from './tenant.ts';
import { settingName } from '../common/settingName.ts';

/** Longest address (characters) that is opened or offered. */
const longestAddress = 16_384;

/**
 * An address that may be opened in the person's browser or shown to them: https, or http to this machine,
 * without a user name or a password, which could make another host look like the tenant's.
 * @returns it, encoded as the URL standard says, so that no control character is left in it
 */
export function safeAddress(text: string): URL | undefined {
  const url = text.length > longestAddress ? null : URL.parse(text);
  if (!url || url.username || url.password) return undefined;
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
  return isSafe ? url : undefined;
}

/**
 * The last guard before an address is opened, whoever wrote it: `file:`, `ms-msdt:` and the like start
 * programs.
 * @throws AuthError `invalid_response` where it is not a {@link safeAddress}
 */
export function requireSafeAddress(text: string): void {
  if (safeAddress(text)) return;
  throw new AuthError(
    'invalid_response',
    l10n.t(
      'An address was not opened, because it is neither https nor on this machine. Check {0}.',
      settingName('domain'),
    ),
  );
}

/**
 * Names an address in an error so that no terminal makes a link of it: by its host, and by nothing where it is not an address of
 * the web.
 */
export function placeOf(address: unknown): string {
  const url = typeof address === 'string' ? URL.parse(address) : null;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  return isWeb && url ? plainLine(url.host) : l10n.t('something that is no address of the web');
}
