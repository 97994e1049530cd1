import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../../common/errors.ts';
import type { Rate } from './rateLimit.ts';

/** Calls of one account that are let in where nothing is set: ten in a second, for a minute. */
export const accountRate: Rate = { points: 600, seconds: 60 };
/** Requests of one address without a valid token, where nothing is set: a sign-in begins with a few. */
export const addressRate: Rate = { points: 120, seconds: 60 };

const most = 1_000_000;
const longest = 86_400;

/**
 * Reads a rate, as `600/60`: so many requests in so many seconds. `off` sets no limit.
 * @returns undefined where there is no limit
 * @throws OmnispindleError `invalid_settings`, naming the setting
 */
export function parseRate(name: string, text: string | undefined, standard: Rate): Rate | undefined {
  const value = text?.trim() ?? '';
  if (value === '') return standard;
  if (value.toLowerCase() === 'off') return undefined;
  const [, points, seconds] = /^(\d{1,7})\/(\d{1,5})$/.exec(value)?.map(Number) ?? [];
  if (points && seconds && points <= most && seconds <= longest) return { points, seconds };
  throw new OmnispindleError(
    'invalid_settings',
    l10n.t(
      '{0} is "{1}". Set it to a number of requests and of seconds, as {2}, or to "off".',
      name,
      value.slice(0, 100),
      `${String(standard.points)}/${String(standard.seconds)}`,
    ),
  );
}
