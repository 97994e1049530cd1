import { openSqliteStore } from '../../../src/store/sqlite/sqliteStore.ts';
import { ownerOf } from '../fixtures.ts';

// One of several processes that write to one store at once.
const [directory = '', count = '0'] = process.argv.slice(2);
const store = await openSqliteStore(directory);
for (let i = 0; i < Number(count); i++) {
  await store.of(ownerOf('ada')).addTodo({ description: `Todo ${String(i)}`, project: String(process.pid) });
}
await store.close();
