import { DatabaseSync } from 'node:sqlite';
import type { Adapter, AdapterPayload } from 'oidc-provider';

/** What a tenant keeps in a file, so that it is the same tenant after a restart, even after kill -9. */
export interface KeptState {
  /** Keeps oidc-provider's sessions, grants and tokens. */
  readonly adapter: (model: string) => Adapter;
  /** The value kept under that name; made at its first use. */
  keep<T>(name: string, make: () => T): T;
  /** The value last set under that name. */
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  close(): void;
}

/** Opens the file, made where there is none. */
export function openState(file: string): KeptState {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS kept (
      model TEXT, id TEXT, payload TEXT, expires_at REAL, PRIMARY KEY (model, id)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS kept_grant ON kept (payload ->> 'grantId');`);
  const write = database.prepare('INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM kept WHERE model = ? AND id = ?');
  const consume = database.prepare(
    `UPDATE kept SET payload = json_set(payload, '$.consumed', unixepoch()) WHERE model = ? AND id = ?`,
  );
  // A grant outlives its tokens: oidc-provider itself destroys it.
  const revoke = database.prepare(`DELETE FROM kept WHERE payload ->> 'grantId' = ? AND model <> 'Grant'`);

  function find(model: string, field: string, value: string): AdapterPayload | undefined {
    const row = database
      .prepare(`SELECT payload FROM kept WHERE model = ? AND ${field} = ? AND expires_at > ?`)
      .get(model, value, Date.now());
    return row && (JSON.parse(String(row['payload'])) as AdapterPayload);
  }

  function get(name: string): unknown {
    return (find('kept', 'id', name) as { value: unknown } | undefined)?.value;
  }

  function set(name: string, value: unknown): void {
    write.run('kept', name, JSON.stringify({ value }), Number.MAX_VALUE);
  }

  return {
    adapter: model => ({
      async upsert(id, payload, expiresIn) {
        write.run(model, id, JSON.stringify(payload), Date.now() + (expiresIn || 1e9) * 1_000);
      },
      find: async id => find(model, 'id', id),
      findByUid: async uid => find(model, `payload ->> 'uid'`, uid),
      findByUserCode: async userCode => find(model, `payload ->> 'userCode'`, userCode),
      async consume(id) {
        consume.run(model, id);
      },
      async destroy(id) {
        remove.run(model, id);
      },
      async revokeByGrantId(grantId) {
        revoke.run(grantId);
      },
    }),
    keep<T>(name: string, make: () => T): T {
      const kept = get(name);
      if (kept !== undefined) return kept as T;
      const value = make();
      set(name, value);
      return value;
    },
    get,
    set,
    close() {
      database.close();
    },
  };
}
