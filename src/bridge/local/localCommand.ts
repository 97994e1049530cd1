import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../common/errors.ts';

/** How a local server is started. */
export interface LocalCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** The variable in which the server finds its token. */
  readonly variable: string;
  /** The rest of the server's environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Reads the name of an environment variable.
 * @throws OmnispindleError `invalid_settings`
 * @example parseTokenVariable('API_TOKEN') // 'API_TOKEN'
 */
export function parseTokenVariable(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name;
  throw new OmnispindleError(
    'invalid_settings',
    l10n.t('"{0}" is not the name of a variable. Use letters, digits and "_", as in API_TOKEN.', name),
  );
}
