import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../common/errors.ts';
import { readEnvironment } from '../environment.ts';
import { interruptible } from '../interruptible.ts';
import { openTokenSource } from '../tokenSource.ts';
import { stderrLog } from '../log.ts';
import { print } from './output.ts';

/** `omnispindle token`: prints a token for scripts, signing in where needed. @throws OmnispindleError */
export async function token(options: {
  force?: boolean;
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
  const { accessToken } = await interruptible(signal => source.getToken({ signal }));
  print(options.json, { token: accessToken }, accessToken);
  source.dispose?.();
}
