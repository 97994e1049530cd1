import { once } from 'node:events';
import * as l10n from '@vscode/l10n';
import { countTypes, type StoreRecord } from '../../store/transfer/records.ts';
import { exportLines } from '../../store/transfer/writeLines.ts';
import { interruptible } from '../interruptible.ts';
import { stderrLog } from '../log.ts';
import { sayOnStderr } from '../sayOnStderr.ts';
import { writeExportFile } from '../transfer/exportFile.ts';
import { signedIn, withOwnRows, type OwnerOptions } from '../transfer/ownRows.ts';
import { stepsOf } from '../transfer/progress.ts';
import { typeWords } from '../transfer/words.ts';
import { print } from './output.ts';

/** Characters that are written at once. */
const chunkSize = 64 * 1024;

/** The options of `export`, as typed. */
export interface ExportOptions extends OwnerOptions {
  readonly force?: boolean;
  readonly json?: boolean;
}

/**
 * `omnispindle export`: writes what the signed-in account has on this machine to a file, or to stdout.
 * @throws AuthError where nobody is signed in @throws StoreError @throws OmnispindleError as `writeExportFile`
 */
export async function exportRows(file: string | undefined, options: ExportOptions): Promise<void> {
  const log = stderrLog();
  const who = await signedIn(options, log);
  const counted = countTypes();

  async function* chunksOf(records: AsyncIterable<StoreRecord>, signal: AbortSignal): AsyncGenerator<string> {
    const { step } = stepsOf(signal, done => l10n.t('{0} records are written …', done));
    let chunk = '';
    for await (const line of exportLines(records, new Date().toISOString(), counted)) {
      chunk += line;
      if (chunk.length < chunkSize) continue;
      yield chunk;
      chunk = '';
      await step(counted.todo + counted.lesson + counted.log);
    }
    yield chunk;
  }

  const isFile = file !== undefined && file !== '-';
  await withOwnRows(who, log, store =>
    interruptible(
      async signal => {
        const chunks = chunksOf(store.exportRecords(), signal);
        if (isFile) await writeExportFile(file, chunks, { force: options.force });
        else for await (const chunk of chunks) await writeOut(chunk);
      },
      isFile
        ? l10n.t('The export was stopped, and no file was written.')
        : l10n.t('The export was stopped: what was written is not whole.'),
    ),
  );
  const words = l10n.t('Exported of {0}: {1}', who.label, typeWords(counted));
  const { todo: todos, lesson: lessons, log: logs } = counted;
  if (isFile) print(options.json, { file, account: who.label, todos, lessons, logs }, words);
  else sayOnStderr(words);
}

async function writeOut(chunk: string): Promise<void> {
  if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
}
