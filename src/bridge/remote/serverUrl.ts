import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../common/errors.ts';
import { isLoopbackHost } from '../../auth/tenant.ts';

/**
 * Reads the address of a remote server.
 * @throws OmnispindleError `invalid_settings` where a token would travel in the clear, or the address is wrong
 */
export function parseServerUrl(address: string): URL {
  const problem = serverUrlProblem(address);
  const url = URL.parse(address);
  if (url && problem === undefined) return url;
  throw new OmnispindleError(
    'invalid_settings',
    l10n.t('"{0}" is not the address of an MCP server. {1}', shown(address), problem ?? ''),
  );
}

/**
 * What is wrong with an address, so that the person can correct this one.
 * @returns undefined where it can be used
 * @example serverUrlProblem('example.com/mcp') // 'It has no "https://" at the beginning. Write https://example.com/mcp.'
 */
export function serverUrlProblem(address: string): string | undefined {
  const text = address.trim();
  if (text === '') return l10n.t('Give an address like https://example.com/mcp.');
  if (isPath(text)) {
    return l10n.t(
      'It is a path on this machine. Give an address like https://example.com/mcp; what runs on this machine is a local server, which has a command.',
    );
  }
  if (/\s/.test(text)) {
    return l10n.t('There is a space in it. Remove it, or write %20 in its place.');
  }
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(text)) return noScheme(text);
  const url = URL.parse(text);
  if (!url) return unreadable(text);
  if (url.username || url.password) return holdsPassword();
  if (url.protocol === 'https:') return undefined;
  if (url.protocol !== 'http:') {
    return l10n.t('It begins with "{0}". Only https:// can be used.', `${url.protocol}//`);
  }
  if (isLoopbackHost(url.hostname)) return undefined;
  return l10n.t(
    'It begins with "http://", so others could read your token on its way. Write https://; http is only for this machine (localhost).',
  );
}

function isPath(text: string): boolean {
  return /^(?:file:|(?!\/\/)[~.]{0,2}[\\/]|[a-z]:[\\/])/i.test(text);
}

/** An address as people copy it from a browser or a list: `example.com/mcp`, `localhost:3000`, `https:example.com`. */
function noScheme(text: string): string {
  const rest = text.replace(/^(?:https?:)?\/*/i, '');
  const url = URL.parse(`https://${rest}`);
  const isOne =
    /^[^@?]*$/.test(rest) && url !== null && (/[.:]/.test(url.host) || url.hostname === 'localhost');
  if (!isOne) return l10n.t('It has no "https://" at the beginning. Give one like https://example.com/mcp.');
  const scheme = isLoopbackHost(url.hostname) ? 'http' : 'https';
  return l10n.t('It has no "{0}" at the beginning. Write {1}.', `${scheme}://`, `${scheme}://${rest}`);
}

function holdsPassword(): string {
  return l10n.t(
    'There is a user name or a password in it, before the "@". Remove it: addresses are shown and written down. A secret goes in a header.',
  );
}

function unreadable(text: string): string {
  const [, authority = ''] = /^[^:]+:\/\/([^/?#]*)/.exec(text) ?? [];
  if (authority.replace(/:\d*$/, '') === '') {
    return l10n.t('The name of the machine is missing. Give an address like https://example.com/mcp.');
  }
  const [, port] = /:(\d+)$/.exec(authority) ?? [];
  if (port !== undefined && Number(port) > 65_535) {
    return l10n.t('Its port is {0}, and there is none above 65535.', port);
  }
  // A password with a slash in it, most likely.
  if (text.includes('@')) return holdsPassword();
  return l10n.t(
    'The name of the machine in it cannot be read. Look for a typing error before the first "/".',
  );
}

/** Keys stand in queries, too. */
function shown(address: string): string {
  return address.replace(/(^|\/\/).*@/s, '$1…@').replace(/\?.*/s, '?…');
}
