import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoUser } from '../tenant/accounts.ts';
import { startTenant } from '../tenant/tenant.ts';

// `npm run tenant:debug`, which F5 runs: the demo tenant, and the settings of an editor that signs in there.
const directory = join(import.meta.dirname, '..', '..', '.cache', 'debug');
const user = join(directory, 'data', 'User');
mkdirSync(user, { recursive: true });
mkdirSync(join(directory, 'workspace'), { recursive: true });

// Who is signed in there stays so.
const tenant = await startTenant({ port: 9300, stateFile: join(directory, 'tenant.db') });
const settings = {
  'workbench.startupEditor': 'none',
  'security.workspace.trust.enabled': false,
  // The system hands a callback to the editor that was there before, which is the one that debugs.
  'omnispindle.signIn.flow': 'loopback',
  'omnispindle.auth0.domain': tenant.domain,
  'omnispindle.auth0.clientId': tenant.clientId,
  'omnispindle.auth0.audience': tenant.audience,
};
writeFileSync(join(user, 'settings.json'), JSON.stringify(settings, null, 2));
console.log(
  `The demo tenant runs at ${tenant.domain}: sign in as ${demoUser.email} with the password ${demoUser.password}.`,
);
process.once('SIGINT', () => {
  void tenant.close();
});
