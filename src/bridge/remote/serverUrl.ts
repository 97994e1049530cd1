import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../common/errors.ts';
import { isLoopbackHost } from '../../auth/tenant.ts';

/**
 * Reads the address of a remote server.
 * @throws OmnispindleError `invalid_settings` where a token would travel in the clear, or the address is none
 */
export function parseServerUrl(address: string): URL {
  const url = URL.parse(address);
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
  if (url && safe && !url.username && !url.password) return url;
  throw new OmnispindleError(
    'invalid_settings',
    l10n.t(
      '"{0}" is not the address of an MCP server. Give one like https://example.com/mcp; http is allowed only for this machine, and a password never.',
      // Keys stand in queries, too.
      address.replace(/\/\/.*@/s, '//…@').replace(/\?.*/s, '?…'),
    ),
  );
}
