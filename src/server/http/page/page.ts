import { createHash } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import { escapeHtml } from '../../../common/escapeHtml.ts';
import { languageAccepted } from '../../../common/languages.ts';
import { readTranslation, sayIn, spokenTranslation } from '../../../common/translation.ts';
import { clientSteps, type ClientSteps } from './clients.ts';
import { pageStyle } from './style.ts';

const styleHash = createHash('sha256').update(pageStyle).digest('base64');

/** Headers of the page: nothing is run, loaded, framed, or told to others. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  vary: 'Accept-Language',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

const homepage = 'https://github.com/omnispindle/omnispindle#readme';

/**
 * Builds the page for people who open the server's address in a browser: what it is, and how their MCP client reaches
 * it. It is in the language that the browser asks for, where we have it.
 * @param mcpUrl the address that clients are given
 * @param packageDirectory what holds `l10n/`
 * @returns what answers a request for it
 */
export function peoplePage(mcpUrl: string, packageDirectory: string): (request: Request) => Response {
  const pages = new Map<string, string>();
  return request => {
    const wanted = languageAccepted(request.headers.get('accept-language') ?? undefined);
    const spoken = spokenTranslation();
    const translation =
      wanted === undefined || wanted === spoken.language
        ? spoken
        : (readTranslation(packageDirectory, wanted) ?? spoken);
    let html = pages.get(translation.language);
    if (html === undefined) {
      html = sayIn(translation, () => page(mcpUrl, translation.language));
      pages.set(translation.language, html);
    }
    return new Response(html, { headers: { ...pageHeaders, 'content-language': translation.language } });
  };
}

function page(mcpUrl: string, language: string): string {
  const title = l10n.t('Omnispindle for your team');
  return `<!doctype html>
<html lang="${language}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(
    l10n.t(
      'This is an MCP server. It keeps todos and lessons for the AI tools that you connect to it; nobody else sees yours. Its address:',
    ),
  )}</p>
<pre>${escapeHtml(mcpUrl)}</pre>
</header>
<h2>${escapeHtml(l10n.t('Connect your tool'))}</h2>
<p>${escapeHtml(
    l10n.t('You sign in with your browser when the tool connects. There is no token for you to copy.'),
  )}</p>
<ul>
${clientSteps(mcpUrl).map(item).join('\n')}
</ul>
<footer><a href="${homepage}" rel="noreferrer">${escapeHtml(l10n.t('More about Omnispindle'))}</a></footer>
</main>
</body>
</html>
`;
}

function item({ name, link, words, lines }: ClientSteps): string {
  return [
    `<li><h3>${escapeHtml(name)}</h3>`,
    ...(link ? [`<a class="button" href="${escapeHtml(link.href)}">${escapeHtml(link.text)}</a>`] : []),
    ...(words === undefined ? [] : [`<p>${escapeHtml(words)}</p>`]),
    ...(lines ? [`<pre>${lines.map(escapeHtml).join('\n')}</pre>`] : []),
    '</li>',
  ].join('');
}
