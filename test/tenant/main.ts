import { demoUser, googleUser } from './accounts.ts';
import { startTenant } from './tenant.ts';

const tenant = await startTenant({ port: Number(process.env['PORT'] ?? 9300) });

console.log(`The demo tenant runs at ${tenant.domain}. Sign in to it by hand:

  export AUTH0_DOMAIN=${tenant.domain}
  export AUTH0_CLIENT_ID=${tenant.clientId}
  export AUTH0_AUDIENCE=${tenant.audience}
  npx omnispindle login

  as ${demoUser.email} with the password ${demoUser.password},
  by signing up, or with Google as ${googleUser.email}, password ${googleUser.password}.

Stop it with Ctrl-C.`);

// To a test that runs it as a process of its own.
process.send?.({ domain: tenant.domain, clientId: tenant.clientId, audience: tenant.audience });

process.once('SIGINT', () => {
  void tenant.close();
});
