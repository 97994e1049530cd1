import { join } from 'node:path';
import { openDatabase } from '../../../src/store/sqlite/database.ts';
import { sqliteEngine } from '../../../src/store/sqlite/sqliteStore.ts';
import { useDirectory } from '../../auth/fixtures.ts';
import { storeContract } from '../contract/contract.ts';

describe('SQLite', () => {
  const directory = useDirectory();
  const open = () => Promise.resolve(sqliteEngine(openDatabase(join(directory.path, 'omnispindle.db'))));
  storeContract('SQLite', open);
});
