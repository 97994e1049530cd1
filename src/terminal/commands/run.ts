import { addressVariable, keyVariable } from '../../broker/variables.ts';
import { openServerBroker } from '../../bridge/local/serverBroker.ts';
import { runLocalServer } from '../../bridge/local/localServer.ts';
import { parseTokenVariable } from '../../bridge/local/localCommand.ts';
import { readEnvironment } from '../environment.ts';
import { stderrLog } from '../log.ts';
import { openTokenSource } from '../tokenSource.ts';

/** The options of `run`, as typed. */
export interface RunCommandOptions {
  readonly variable: string;
  readonly audience?: string;
  readonly scope?: readonly string[];
  readonly account?: string;
  readonly organization?: string;
  readonly envFile?: string;
}

/**
 * `omnispindle run`: a stdio server that reads its token from a variable, or asks for it with `getToken()`.
 * @throws OmnispindleError `invalid_settings`
 */
export async function run(
  command: string,
  args: readonly string[],
  { variable, audience, scope, account, organization, envFile }: RunCommandOptions,
): Promise<void> {
  parseTokenVariable(variable);
  const log = stderrLog();
  const tokenSource = await openTokenSource({
    log,
    isServer: true,
    environment: () => readEnvironment({ envFile, organization }),
    isForAnother: true,
    ...(account !== undefined && { account }),
    ...(audience !== undefined && { audience }),
    ...(scope && { scopes: scope }),
  });
  const broker = await openServerBroker({ tokenSource, allowed: { audience, scopes: scope }, log });
  try {
    await runLocalServer({
      command,
      args,
      variable,
      env: { ...serverEnvironment(), ...broker.env },
      tokenSource,
      asksItself: broker.isConnected,
      log,
    });
  } finally {
    await broker.dispose();
  }
  process.exit();
}

/** The right to ask an editor's broker is ours; the server gets the right to ask ours. */
function serverEnvironment(): Record<string, string> {
  const { [addressVariable]: _address, [keyVariable]: _key, ...env } = process.env;
  return env as Record<string, string>;
}
