import { createServer } from '../../src/server/createServer.ts';
import { serveStdio } from '../../src/server/stdio.ts';
import { openSqliteStore } from '../../src/store/sqliteStore.ts';

// The server on stdio as it is, with its gate open; its log goes nowhere.
const [directory = ''] = process.argv.slice(2);
const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
await serveStdio(
  era =>
    createServer({
      gate: () =>
        Promise.resolve({ issuer: 'https://tenant.example/', sub: 'ada', scopes: [], expiresAt: Infinity }),
      openStore: () => openSqliteStore(directory),
      loadout: 'full',
      log,
      era,
      version: '1.2.3',
    }),
  log,
);
