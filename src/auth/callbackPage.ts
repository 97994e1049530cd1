import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { plainText } from '../common/plainText.ts';

/** Headers of every page we answer a browser with: nothing is run, kept, framed or told to others. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** The page after a sign-in that worked. */
export function signedInPage(label: string): Promise<string> {
  return page(
    l10n.t('Signed in'),
    l10n.t('You are signed in as {0}. You may close this page.', label),
    'good',
  );
}

/** The page after a callback that did not lead to a session, with the reason. */
export function failedPage(reason: string): Promise<string> {
  return page(l10n.t('Not signed in'), reason, 'bad');
}

async function page(title: string, message: string, kind: 'good' | 'bad'): Promise<string> {
  const template = await readFile(join(mediaDirectory(), 'callback.html'), 'utf8');
  const values: Record<string, string> = { title, message, kind };
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

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, character => `&#${String(character.charCodeAt(0))};`);
}
