import type { Log } from '../common/log.ts';
import { userDirectory } from '../platform/paths.ts';
import type { OperationsOptions } from '../server/http/operations.ts';
import { lateStore } from '../store/lateStore.ts';
import type { Owner, PersonalStore } from '../store/store.ts';
import type { DatabaseSettings } from './databaseSettings.ts';
import { directoryLogKey } from './logKey.ts';

/** What keeps the todos of a team. */
export interface TeamStore {
  of(owner: Owner): Promise<PersonalStore>;
  /** Looks whether it answers. @throws StoreError where it does not */
  check(): Promise<void>;
  /** By which the log calls accounts: secret, and the same on all replicas. */
  readonly logKey: Uint8Array;
  /** What replicas share besides; nothing where there is one server alone. */
  readonly database?: NonNullable<OperationsOptions['database']>;
  close(): Promise<void>;
}

const late = {
  database: () => import('../store/databaseStore.ts'),
  directory: () => import('../store/directoryStore.ts'),
};

/**
 * Opens the database that is named, or else the one in the data directory, which one server alone should use.
 * @throws StoreError where the database cannot be used
 */
export async function openTeamStore(settings: DatabaseSettings | undefined, log: Log): Promise<TeamStore> {
  return settings ? inDatabase(settings, log) : inDirectory(userDirectory(), log);
}

async function inDatabase(settings: DatabaseSettings, log: Log): Promise<TeamStore> {
  const { openPostgresStore, rateLimitTable } = await late.database();
  const store = await openPostgresStore({ ...settings, log });
  const { schemaName: schema, tableName: table } = rateLimitTable;
  return {
    of: async owner => store.of(owner),
    check: () => store.check(),
    logKey: store.logKey,
    database: { pool: store.pool, counts: { queries: store.pool, schema, table } },
    close: () => store.close(),
  };
}

/** Nobody's: a look at it tells whether the store answers. */
const nobody = { issuer: 'urn:omnispindle', sub: 'ready' };

async function inDirectory(directory: string, log: Log): Promise<TeamStore> {
  const logKey = await directoryLogKey(directory, log);
  const store = lateStore<Owner>(async () => {
    const { openDirectoryStore } = await late.directory();
    return openDirectoryStore(directory, { log });
  });
  return {
    of: store.of,
    async check() {
      const seen = await store.of(nobody);
      await seen.listProjects({ limit: 1, offset: 0 });
    },
    logKey,
    close: store.close,
  };
}
