import * as l10n from '@vscode/l10n';
import { AuthError } from '../../auth/errors.ts';
import { addressVariable, keyVariable } from '../../broker/protocol.ts';
import { runLocalServer } from '../../server/localServer.ts';
import { stderrLog } from '../log.ts';
import { openTokenSource } from '../tokenSource.ts';

export interface RunCommandOptions {
  readonly variable: string;
  readonly scope?: readonly string[];
  readonly account?: string;
}

/**
 * `omnispindle run`: a stdio server that reads its token from a variable.
 * @throws AuthError `invalid_settings`
 */
export async function run(
  command: string,
  args: readonly string[],
  { variable, scope, account }: RunCommandOptions,
): Promise<void> {
  if (!/^[A-Za-z_]\w*$/.test(variable)) {
    throw new AuthError(
      'invalid_settings',
      l10n.t('"{0}" is not the name of a variable. Use letters, digits and "_", as in API_TOKEN.', variable),
    );
  }
  const log = stderrLog();
  const tokenSource = await openTokenSource({
    log,
    ...(account !== undefined && { account }),
    ...(scope && { scopes: scope }),
  });
  await runLocalServer({ command, args, variable, env: ownEnvironment(), tokenSource, log });
  process.exit();
}

/** The right to ask for tokens is ours; the server gets one token and no more. */
function ownEnvironment(): Record<string, string> {
  const { [addressVariable]: _address, [keyVariable]: _key, ...env } = process.env;
  return env as Record<string, string>;
}
