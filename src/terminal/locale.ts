import { localeVariable } from '../broker/variables.ts';

/**
 * The locales that a person wants, the most wanted first (POSIX, "Internationalization Variables"; gettext manual, "The
 * LANGUAGE variable"). What an editor says of its language comes first: there our words are read.
 * @returns none where that is English. Light: every start asks it
 */
export function wantedLocales(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string[] {
  const wanted = env[localeVariable] ? [env[localeVariable]] : localesOf(env, platform);
  const english = wanted.findIndex(name => /^en(?![a-z])/i.test(name));
  return english < 0 ? wanted : wanted.slice(0, english);
}

function localesOf(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'];
  if (!locale) return platform === 'win32' || platform === 'darwin' ? systemLocale() : [];
  if (/^(?:C|POSIX)(?:\.|$)/.test(locale)) return [];
  return (env['LANGUAGE'] || locale).split(':');
}

/** Windows and macOS tell programs of the person's language in another way than by variables. */
function systemLocale(): string[] {
  // Not there before Node.js 21, on which a server of somebody else's may run.
  const { navigator } = globalThis as { navigator?: { language?: string } };
  return navigator?.language ? [navigator.language] : [];
}
