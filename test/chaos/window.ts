import process from 'node:process';
import { createBrokerHost } from '../../src/broker/host.ts';
import { terminalAuthenticator } from '../../src/terminal/authenticator.ts';
import { readEnvironment } from '../../src/terminal/environment.ts';
import { stderrLog } from '../../src/terminal/log.ts';

// An editor's window, reduced to its broker and to the sessions it shares with every other process of the
// person, in a process of its own, which may be killed at any moment. It gives a key whenever it is asked.
const log = stderrLog();
const authenticator = await terminalAuthenticator({ ...(await readEnvironment()), log });
const host = createBrokerHost({
  log,
  getToken: ({ account }, request) => authenticator.ensure({ account, ...request }),
});
process.on('message', () => {
  void host.grant('auth0|ada').then(({ env }) => process.send?.(env));
});
