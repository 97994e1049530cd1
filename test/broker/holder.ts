import { createBrokerHost } from '../../src/broker/host.ts';

// An editor's side of the broker in a process of its own: prints what a server would find in its environment.
const silent = () => undefined;
const host = createBrokerHost({
  getToken: account =>
    Promise.resolve({
      accessToken: `token of ${account}`,
      expiresAt: Date.now() + 3_600_000,
      lifetime: 3_600_000,
      account: { label: account },
    }),
  log: { debug: silent, info: silent, warn: silent, error: silent },
});
process.stdout.write(`${JSON.stringify((await host.grant('ada')).env)}\n`);
