import { serveStdio } from '../../src/server/stdio.ts';
import { createStdioServer } from '../../src/server/stdioServer.ts';

// The bundled server as it is, but with its gate open: what the gate costs is the difference.
const nobody = { issuer: 'https://tenant.example/', sub: 'auth0|ada', scopes: [], expiresAt: Infinity };
const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
await serveStdio(
  era =>
    createStdioServer({
      gate: () => Promise.resolve(nobody),
      store: () => Promise.reject(new Error('not measured')),
      loadout: 'full',
      log,
      era,
      version: '0.0.0',
    }),
  log,
);
