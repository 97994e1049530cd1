import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { config, type l10nJsonFormat } from '@vscode/l10n';
import type { Language } from './languages.ts';

/** Our texts in one language. */
export interface Translation {
  readonly language: Language;
  /** By the English text; none for English. */
  readonly contents: l10nJsonFormat | undefined;
}

let spoken: Translation = { language: 'en', contents: undefined };

/** Has everything said from now on in that language. */
export function speak(translation: Translation): void {
  spoken = translation;
  // The package takes none for English, its type does not.
  config({ contents: translation.contents ?? {} });
}

/** What everything is said in now. */
export function spokenTranslation(): Translation {
  return spoken;
}

/**
 * Has one text said in another language, for another reader.
 * @param say returns it at once: what is said later is in the language of everything else
 */
export function sayIn<T>(translation: Translation, say: () => T): T {
  const before = spoken;
  speak(translation);
  try {
    return say();
  } finally {
    speak(before);
  }
}

/**
 * Reads our texts in that language.
 * @param packageDirectory what holds `l10n/`; no other directory's file is read
 * @returns `undefined` where there is none, or it is damaged
 */
export function readTranslation(packageDirectory: string, language: Language): Translation | undefined {
  if (language === 'en') return { language, contents: undefined };
  try {
    const path = join(packageDirectory, 'l10n', `bundle.l10n.${language}.json`);
    const contents: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof contents !== 'object' || contents === null) return undefined;
    return { language, contents: contents as l10nJsonFormat };
  } catch {
    return undefined;
  }
}
