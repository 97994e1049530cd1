import * as l10n from '@vscode/l10n';
import { isOmnispindleError } from '../common/errors.ts';

/** What is said where the person cancelled on the tenant's page, or nothing tells that from a refusal. */
export function refusedInBrowser(): string {
  return l10n.t('The sign-in was refused or cancelled in the browser. Try again to sign in.');
}

/**
 * Whether the person has ended a sign-in on the tenant's page, which has told them so. By its words: the error may come
 * from another process, which passes on no more.
 */
export function isRefusedInBrowser(error: unknown): boolean {
  return isOmnispindleError(error, 'access_denied') && error.message === refusedInBrowser();
}
