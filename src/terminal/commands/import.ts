import * as l10n from '@vscode/l10n';
import { isOmnispindleError } from '../../common/errors.ts';
import { StoreError } from '../../store/storeError.ts';
import { noCounts, sumOf, type StoreRecord } from '../../store/transfer/records.ts';
import { interruptible } from '../interruptible.ts';
import { stderrLog } from '../log.ts';
import { batchesOf } from '../transfer/batches.ts';
import { importSource, type ImportSource } from '../transfer/importFile.ts';
import { signedIn, withOwnRows, type OwnerOptions } from '../transfer/ownRows.ts';
import { stepsOf } from '../transfer/progress.ts';
import { countWords } from '../transfer/words.ts';
import { print } from './output.ts';

/** Lines between two looks at signals. */
const linesAtOnce = 1_000;

/** The options of `import`, as typed. */
export interface ImportOptions extends OwnerOptions {
  readonly json?: boolean;
}

/**
 * `omnispindle import`: takes over what an export has written, as the signed-in account's. A file is checked to its end
 * before; then it comes in parts, each all or none.
 * @throws AuthError where nobody is signed in @throws StoreError @throws OmnispindleError as `importSource`
 */
export async function importRows(file: string | undefined, options: ImportOptions): Promise<void> {
  const log = stderrLog();
  const who = await signedIn(options, log);
  const source = await importSource(file);
  let counts = noCounts;
  await interruptible(async signal => {
    if (source.isRepeatable) await check(source, signal);
    const { step } = stepsOf(signal, done => l10n.t('{0} records are imported …', done));
    await withOwnRows(who, log, async store => {
      let done = 0;
      for await (const { records } of batchesOf(recordsIn(source))) {
        counts = sumOf(counts, await store.importRecords(records));
        done += records.length;
        await step(done);
      }
    });
  }, l10n.t('The import was stopped. What was imported is whole; run it again for the rest.')).catch(
    (error: unknown) => {
      throw isPartly(error) ? partly(error) : error;
    },
  );
  print(
    options.json,
    { account: who.label, ...counts },
    l10n.t('Imported for {0}: {1}.', who.label, countWords(counts)),
  );

  function isPartly(error: unknown): error is StoreError {
    return counts !== noCounts && isOmnispindleError(error, 'invalid_records');
  }
}

function partly({ code, message }: StoreError): StoreError {
  return new StoreError(
    code,
    l10n.t('{0} A part of what stands before that was imported; to import it again does no harm.', message),
  );
}

async function check(source: ImportSource, signal: AbortSignal): Promise<void> {
  const { step } = stepsOf(signal, done => l10n.t('{0} records are checked …', done));
  let done = 0;
  const records = source.read();
  while (!(await records.next()).done) if (++done % linesAtOnce === 0) await step(done);
}

async function* recordsIn(source: ImportSource): AsyncGenerator<StoreRecord> {
  for await (const { record } of source.read()) yield record;
}
