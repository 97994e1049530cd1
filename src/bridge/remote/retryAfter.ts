import type { IncomingHttpHeaders } from 'node:http';
import * as l10n from '@vscode/l10n';

/** Longest wait (ms) that a server is believed to want. */
const longestWait = 24 * 60 * 60 * 1_000;

/**
 * How long (ms) a server wants us to wait (RFC 9110 section 10.2.3: seconds, or a date); undefined where it does not
 * say, or what makes no sense.
 */
export function retryAfter(headers: IncomingHttpHeaders, now: number = Date.now()): number | undefined {
  const said = headers['retry-after']?.trim() ?? '';
  const wait = /^\d{1,10}$/.test(said)
    ? Number(said) * 1_000
    : /^[A-Za-z]{3,9},? /.test(said)
      ? Date.parse(said) - now
      : Number.NaN;
  return wait >= 0 ? Math.min(wait, longestWait) : undefined;
}

/** When to try again, as a sentence. */
export function tryAgain(wait: number | undefined): string {
  if (wait === undefined || wait === 0) return l10n.t('Try again in a moment.');
  const seconds = Math.ceil(wait / 1_000);
  return seconds < 120
    ? l10n.t('It asks to wait: try again in {0} s.', String(seconds))
    : l10n.t('It asks to wait: try again in {0} minutes.', String(Math.ceil(seconds / 60)));
}
