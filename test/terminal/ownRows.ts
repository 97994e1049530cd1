import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite/sqliteStore.ts';
import type { PersonalStore } from '../../src/store/store.ts';
import type { StoreRecord } from '../../src/store/transfer/records.ts';
import { run, type Surroundings } from './fixtures.ts';

/** Who is signed in there, by their `sub`. */
export async function subOf(surroundings: Surroundings): Promise<string> {
  const { stdout } = await run(surroundings, 'whoami', '--json');
  const { accounts } = JSON.parse(stdout) as { accounts: { id: string }[] };
  return accounts[0]?.id ?? '';
}

/** Does something with what an account of the tenant has on that user's machine. */
export async function withRows<T>(
  { directory, tenant }: Surroundings,
  sub: string,
  work: (store: PersonalStore) => Promise<T>,
): Promise<T> {
  const store = await openSqliteStore(join(directory, 'data'));
  try {
    return await work(store.of({ issuer: `${tenant.domain}/`, sub }));
  } finally {
    await store.close();
  }
}

/** All records of an account, in an order of their own. */
export async function recordsIn(store: PersonalStore): Promise<StoreRecord[]> {
  const records: StoreRecord[] = [];
  for await (const record of store.exportRecords()) records.push(record);
  return records;
}

/** Gives an account that many todos, each changed once, and as many lessons. */
export async function addRows(store: PersonalStore, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const { id } = await store.addTodo({ description: `Spin ${String(i)}`, project: 'wool', tags: ['é'] });
    await store.updateTodo(id, { notes: `note ${String(i)}` });
    await store.addLesson({ language: 'SQL', topic: `t${String(i)}`, lesson_learned: 'x', tags: [] });
  }
}
