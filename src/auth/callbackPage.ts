import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { escapeHtml } from '../common/escapeHtml.ts';
import { languageAccepted, type Language } from '../common/languages.ts';
import { plainText } from '../common/plainText.ts';
import { readTranslation, sayIn, spokenTranslation } from '../common/translation.ts';

/** Headers of every page we answer a browser with: nothing is run, kept, framed or told to others. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** What a page says. */
export interface PageWords {
  readonly title: string;
  readonly message: string;
  readonly kind: 'good' | 'bad';
  /** Of the message, where it was made before, in the language of everything else. */
  readonly messageLanguage?: Language;
}

/** The words after a sign-in that worked. */
export function signedInWords(label: string): PageWords {
  return {
    title: l10n.t('Signed in'),
    message: l10n.t('You are signed in as {0}. You may close this page.', label),
    kind: 'good',
  };
}

/** The words after a callback that did not lead to a session, with the reason. */
export function failedWords(message: string): PageWords {
  return { title: l10n.t('Not signed in'), message, kind: 'bad' };
}

/**
 * A page in the language that its reader's browser asks for, where we have it, else in that of everything else.
 * @param accepted the `Accept-Language` of the request
 * @param words makes what the page says; it is called once the language is set
 */
export async function pageFor(accepted: string | undefined, words: () => PageWords): Promise<string> {
  const media = mediaDirectory();
  const template = await readFile(join(media, 'callback.html'), 'utf8');
  const language = languageAccepted(accepted);
  const translation =
    (language === undefined || language === spokenTranslation().language
      ? undefined
      : readTranslation(dirname(media), language)) ?? spokenTranslation();
  const said = sayIn(translation, words);
  const values: Record<string, string> = {
    ...said,
    language: translation.language,
    messageLanguage: said.messageLanguage ?? translation.language,
  };
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_match, name: string) =>
    escapeHtml(plainText(values[name] ?? '')),
  );
}

/**
 * The bundle lies at another depth than the source, so the folder is looked for upwards.
 * @throws Error where the installation lacks it
 */
function mediaDirectory(): string {
  for (let directory = import.meta.dirname; ; directory = dirname(directory)) {
    const media = join(directory, 'media');
    if (existsSync(join(media, 'callback.html'))) return media;
    if (dirname(directory) === directory) {
      throw new Error('media/callback.html is not part of this installation.');
    }
  }
}
