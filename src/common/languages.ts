/** What there are translations into, as the editor names them and the files in `l10n/` are named. */
export const languages = ['de', 'es', 'fr', 'ja', 'pt-br', 'zh-cn'] as const;

/** A language that we can speak; English is that of the texts in the code. */
export type Language = 'en' | (typeof languages)[number];

/**
 * The language of ours that a person reads who asks for that one, by a tag (RFC 5646) or a locale's name (POSIX).
 * @returns `undefined` where there is none: who reads traditional characters gets English, not simplified ones
 * @example
 * import { languageOf } from './languages.ts';
 *
 * languageOf('de_AT.UTF-8'); // 'de'
 * languageOf('pt'); // 'pt-br'
 * languageOf('zh-Hant-HK'); // undefined
 */
export function languageOf(tag: string): Language | undefined {
  const [language, ...others] =
    /^[a-z]{2,3}(?:[-_][a-z\d]{1,8})*(?=$|[.@])/.exec(tag.toLowerCase())?.[0].split(/[-_]/) ?? [];
  if (language === 'pt') return 'pt-br';
  if (language === 'zh') return isTraditional(others) ? undefined : 'zh-cn';
  return language === 'en' ? 'en' : languages.find(ours => ours === language);
}

/**
 * The language of ours that a browser's person likes best (RFC 9110 section 12.5.4, `Accept-Language`).
 * @returns `undefined` where it names none of ours
 */
export function languageAccepted(header: string | undefined): Language | undefined {
  return (header ?? '')
    .slice(0, 1000)
    .split(',')
    .map(range => {
      const [tag = '', ...parameters] = range.split(';').map(part => part.trim());
      const q = parameters.find(parameter => /^q=/i.test(parameter))?.slice(2);
      return { language: languageOf(tag), quality: q === undefined ? 1 : Number(q) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .find(({ language }) => language)?.language;
}

/** Whether what follows `zh` stands for traditional characters, by the script or else by where it is the usual one. */
function isTraditional(subtags: readonly string[]): boolean {
  if (subtags.includes('hans')) return false;
  return ['hant', 'tw', 'hk', 'mo'].some(subtag => subtags.includes(subtag));
}
