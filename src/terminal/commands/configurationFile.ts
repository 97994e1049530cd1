import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { AuthError } from '../../auth/errors.ts';

/**
 * Reads a client's configuration; undefined where there is none.
 * @throws AuthError where it cannot be read, or is not text
 */
export async function readConfiguration(path: string): Promise<string | undefined> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new AuthError(
      'storage_failed',
      l10n.t(
        '{0} could not be read ({1}). Correct its permissions, then run this again.',
        path,
        codeOf(error),
      ),
    );
  });
  if (!bytes || isUtf8(bytes)) return bytes?.toString('utf8');
  throw new AuthError(
    'invalid_settings',
    l10n.t('{0} is not UTF-8 text; nothing was changed. Save it as UTF-8, then run this again.', path),
  );
}

/** The system's code of a file system error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
