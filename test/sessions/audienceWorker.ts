import process from 'node:process';
import { testAuthenticator } from '../auth/fixtures.ts';
import type { Tenant } from '../../src/auth/tenant.ts';

/** What the process tells the test. */
export type Told = 'ready' | { readonly tokens: string[]; readonly opened: number };

// A process that asks, once it is told to, for a token for each of these APIs at once.
const [directory = '', settings = ''] = process.argv.slice(2);
const { tenant, audiences } = JSON.parse(settings) as { tenant: Tenant; audiences: string[] };
const { authenticator, ui } = testAuthenticator(tenant, directory);
const tell = (told: Told) => process.send?.(told);
process.once('message', () => {
  void Promise.all(audiences.map(audience => authenticator.ensure({ audience }))).then(sessions => {
    tell({ tokens: sessions.map(({ accessToken }) => accessToken), opened: ui.opened.length });
    process.disconnect();
  });
});
tell('ready');
