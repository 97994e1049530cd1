import { constants } from 'node:os';
import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../common/errors.ts';
import { openPostgresStore } from '../store/databaseStore.ts';
import { readDatabaseSettings } from './databaseSettings.ts';
import { exitCodes } from './exitCodes.ts';
import { useServerFile } from './serverFile.ts';
import { openServerLog } from './serverLog.ts';

/**
 * `omnispindle serve --http --migrate-only`: brings the tables of a team's database up to date, gives the role of requests
 * what it needs, and ends. So the processes that serve need no secret of the role that owns the tables.
 * @returns the exit code
 * @throws OmnispindleError `invalid_settings` where no database, or none with that role, is named
 * @throws StoreError `unavailable` or `busy`, with what to do
 */
export async function migrateOnly(envFile?: string): Promise<number> {
  // The first process of a container ends by no signal that it does not listen for. What was not committed is not there.
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(name, () => process.exit(128 + constants.signals[name]));
  }
  const { notices, explain } = await useServerFile(envFile);
  const { json, say } = openServerLog(Boolean(process.env['OMNISPINDLE_DEBUG']), notices);
  try {
    const settings = readDatabaseSettings();
    if (settings?.migrationUrl === undefined) throw nothingToMigrate();
    const store = await openPostgresStore({
      ...settings,
      log: json.log,
      onMigrated(steps) {
        say(doneWords(steps));
      },
    });
    await store.close();
    return exitCodes.ok;
  } catch (error) {
    throw explain(error);
  } finally {
    json.close();
  }
}

function doneWords(steps: readonly string[]): string {
  return steps.length === 0
    ? l10n.t('The tables of the todo database were up to date already.')
    : l10n.t('The tables of the todo database are up to date now. Steps taken: {0}.', steps.join(', '));
}

function nothingToMigrate(): OmnispindleError {
  return new OmnispindleError(
    'invalid_settings',
    l10n.t(
      '--migrate-only needs the Postgres database with both of its roles. Set DATABASE_URL to its address with the role of requests, and DATABASE_MIGRATION_URL to the same with the role that owns the tables.',
    ),
  );
}
