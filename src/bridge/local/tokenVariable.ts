import * as l10n from '@vscode/l10n';
import { AuthError } from '../../common/errors.ts';

/** Reads the name of an environment variable. @throws AuthError `invalid_settings` */
export function parseTokenVariable(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name;
  throw new AuthError(
    'invalid_settings',
    l10n.t('"{0}" is not the name of a variable. Use letters, digits and "_", as in API_TOKEN.', name),
  );
}
