import * as l10n from '@vscode/l10n';
import { codeOf } from '../common/errors.ts';
import { reportFailure } from './failure.ts';

/** Whoever reads our output may have enough of it, as "head" does; what else goes wrong there is said. */
export function endWithOutput(): void {
  process.stdout.on('error', error => {
    if (codeOf(error) === 'EPIPE') process.exit();
    const text = l10n.t(
      'The output could not be written ({0}). Free some space, or write it elsewhere; then try again.',
      codeOf(error),
    );
    process.exit(reportFailure(new Error(text)));
  });
}
