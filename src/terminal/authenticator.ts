import { createAuthenticator, type Authenticator } from '../sessions/authenticator.ts';
import type { FlowName } from '../auth/flows/names.ts';
import { createFlows } from '../auth/flows/table.ts';
import type { Log } from '../common/log.ts';
import { userDirectory } from '../platform/paths.ts';
import { createSignIn } from '../sessions/signIn.ts';
import type { OnProgress } from '../sessions/signInEvent.ts';
import { sayProgress } from './sayProgress.ts';
import type { Environment } from './environment.ts';
import { openSessionStore } from './sessionStore.ts';
import { terminalUi } from './signInUi.ts';
import { terminalSurroundings } from './surroundings.ts';

/** Where a terminal's sign-ins go, and what they need of this process. */
export interface TerminalOptions extends Pick<Environment, 'tenant' | 'callbackPort'> {
  readonly log: Log;
  readonly flow?: FlowName | 'auto';
  /** Whether an MCP client started this process, and may end it while a sign-in waits: that goes on elsewhere. */
  readonly isClients?: boolean | undefined;
  /** Where it is said what a sign-in waits for; stderr where absent. */
  readonly onProgress?: OnProgress;
}

/** The sessions of this user outside any editor: in the keychain's keeping, or in files of their own. */
export async function terminalAuthenticator({
  tenant,
  callbackPort,
  log,
  flow = 'auto',
  isClients = false,
  onProgress = sayProgress,
}: TerminalOptions): Promise<Authenticator> {
  const directory = userDirectory();
  const signInElsewhere = isClients
    ? (await import('./signInProcess/start.ts')).signInProcess({ callbackPort, log })
    : undefined;
  return createAuthenticator({
    tenant: () => tenant,
    store: await openSessionStore(log),
    signIn: createSignIn({
      flows: createFlows({ port: callbackPort }),
      surroundings: terminalSurroundings,
      ui: terminalUi(),
      log,
      flow: () => flow,
    }),
    signInElsewhere,
    directory,
    log,
    onProgress,
  });
}
