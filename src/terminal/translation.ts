import { languageOf } from '../common/languages.ts';
import { readTranslation, speak } from '../common/translation.ts';
import { wantedLocales } from './locale.ts';
import { packageDirectory } from './version.ts';

/**
 * Has everything said from now on in the person's language, where this package has a translation into it: the
 * files in `l10n/`, which the editor takes, too.
 */
export function useTranslation(locales: readonly string[] = wantedLocales(process.env)): void {
  for (const locale of locales) {
    const language = languageOf(locale);
    const translation = language && readTranslation(packageDirectory, language);
    if (!translation) continue;
    speak(translation);
    return;
  }
}
