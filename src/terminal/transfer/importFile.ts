import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { codeOf, isOmnispindleError, OmnispindleError } from '../../common/errors.ts';
import { StoreError } from '../../store/storeError.ts';
import { readRecords, type ReadRecord } from '../../store/transfer/readLines.ts';

/** What is imported. */
export interface ImportSource {
  /** Whether it can be read again, so that it can be checked before. */
  readonly isRepeatable: boolean;
  /** @throws StoreError `invalid_records`; OmnispindleError `storage_failed` where it cannot be read */
  read(): AsyncGenerator<ReadRecord>;
}

/**
 * Opens what is imported: a file, or stdin where none is named.
 * @throws OmnispindleError `invalid_settings` where stdin is a keyboard; `storage_failed` where the file cannot be read
 */
export async function importSource(path: string | undefined): Promise<ImportSource> {
  if (path === undefined || path === '-') {
    if (process.stdin.isTTY) {
      throw new OmnispindleError(
        'invalid_settings',
        l10n.t('Name the file to import, or pipe it in: omnispindle import FILE'),
      );
    }
    return { isRepeatable: false, read: () => readRecords(process.stdin) };
  }
  const found = await stat(path).catch((error: unknown) => {
    throw notRead(path, error);
  });
  return { isRepeatable: found.isFile(), read: () => readFile(path) };
}

async function* readFile(path: string): AsyncGenerator<ReadRecord> {
  try {
    yield* readRecords(createReadStream(path));
  } catch (error) {
    if (error instanceof StoreError) {
      throw new StoreError(error.code, `${path}: ${error.message}`, { cause: error });
    }
    throw isOmnispindleError(error) ? error : notRead(path, error);
  }
}

function notRead(path: string, cause: unknown): OmnispindleError {
  return new OmnispindleError(
    'storage_failed',
    l10n.t(
      '{0} could not be read ({1}). Name a file that "omnispindle export" has written.',
      path,
      codeOf(cause),
    ),
    { cause },
  );
}
