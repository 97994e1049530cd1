import { serveStdio } from '../../src/server/stdio.ts';
import { createStdioServer } from '../../src/server/stdioServer.ts';
import { lateStore } from '../../src/store/lateStore.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqliteStore.ts';

// The server on stdio as it is, with its gate open; its log goes nowhere.
const [directory = ''] = process.argv.slice(2);
const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
const store = lateStore(() => openSqliteStore(directory));
await serveStdio(
  era =>
    createStdioServer({
      gate: () =>
        Promise.resolve({ issuer: 'https://tenant.example/', sub: 'ada', scopes: [], expiresAt: Infinity }),
      store: store.of,
      loadout: 'full',
      log,
      era,
      version: '1.2.3',
    }),
  log,
);
await store.close();
