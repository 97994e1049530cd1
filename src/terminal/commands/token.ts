import * as l10n from '@vscode/l10n';
import { isOmnispindleError, OmnispindleError } from '../../common/errors.ts';
import { readEnvironment } from '../environment.ts';
import { interruptible } from '../interruptible.ts';
import { openTokenSource } from '../tokenSource.ts';
import { stderrLog } from '../log.ts';
import { print } from './output.ts';

/**
 * `omnispindle token`: prints a token for scripts. Nobody may be there to sign in, and a script that waits for a person
 * hangs: it opens a browser only where it is told to.
 * @throws OmnispindleError
 */
export async function token(options: {
  force?: boolean;
  login?: boolean;
  audience?: string;
  scope?: readonly string[];
  account?: string;
  organization?: string;
  envFile?: string;
  json?: boolean;
}): Promise<void> {
  if (process.stdout.isTTY && !options.force) {
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t('A token on a terminal can be read by others. Pipe it to where it is needed, or add --force.'),
    );
  }
  const source = await openTokenSource({
    log: stderrLog(),
    environment: () => readEnvironment({ envFile: options.envFile, organization: options.organization }),
    ...(options.audience !== undefined && { audience: options.audience }),
    ...(options.scope && { scopes: options.scope }),
    ...(options.account !== undefined && { account: options.account }),
  });
  const { accessToken } = await interruptible(signal =>
    source.getToken({ signal, silent: options.login !== true }),
  ).catch((error: unknown) => {
    if (options.login || !isOmnispindleError(error, 'login_required')) throw error;
    throw new OmnispindleError(
      error.code,
      l10n.t('{0} Run "omnispindle login", or add --login here to have a browser opened.', error.message),
    );
  });
  print(options.json, { token: accessToken }, accessToken);
  source.dispose?.();
}
