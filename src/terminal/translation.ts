import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { packageDirectory } from './version.ts';

/**
 * Has everything said from now on in the person's language, where this package has a translation into it: the
 * files in `l10n/`, which the editor takes, too. No other directory's file is read.
 */
export function useTranslation(env: NodeJS.ProcessEnv = process.env): void {
  for (const language of languagesOf(env)) {
    // The language of the texts in the code.
    if (language === 'en') return;
    try {
      const path = join(packageDirectory, 'l10n', `bundle.l10n.${language}.json`);
      const contents: unknown = JSON.parse(readFileSync(path, 'utf8'));
      if (typeof contents !== 'object' || contents === null) continue;
      l10n.config({ contents: contents as l10n.l10nJsonFormat });
      return;
    } catch {
      // There is none, or it is damaged: the next language is as good as any.
    }
  }
}

/**
 * The languages that the environment asks for, the most wanted first, as the files in `l10n/` are named
 * (POSIX, "Internationalization Variables"; gettext manual, "The LANGUAGE variable").
 * @example languagesOf({ LANG: 'pt_BR.UTF-8' }) // ['pt-br', 'pt']
 */
export function languagesOf(env: NodeJS.ProcessEnv): string[] {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || 'C';
  if (/^(?:C|POSIX)(?:\.|$)/.test(locale)) return [];
  return (env['LANGUAGE'] || locale).split(':').flatMap(name => {
    const [, language, region] =
      /^([a-z]{2,3})(?:[-_]([a-z\d]{2,4}))?(?:[.@].*)?$/.exec(name.toLowerCase()) ?? [];
    if (language === undefined) return [];
    return region === undefined ? [language] : [`${language}-${region}`, language];
  });
}
