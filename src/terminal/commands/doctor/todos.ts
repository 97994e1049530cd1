import * as l10n from '@vscode/l10n';
import { messageOf } from '../../../common/errors.ts';
import { noLog } from '../../../common/log.ts';
import { userDirectory } from '../../../platform/paths.ts';
import { givenRows, requireStore, type GivenRows } from '../../../store/directoryStore.ts';
import { keptIssuers } from '../../keptIssuers.ts';
import type { Finding } from './finding.ts';

/** A line for each person whose todos were given to the default tenant, or one that says why none can be kept or read. */
export async function todos(): Promise<Finding[]> {
  const check = l10n.t('Todos');
  try {
    requireStore();
    const given = givenRows(userDirectory());
    if (given.length === 0) return [];
    const issuersOf = await keptIssuers(noLog);
    return given.map(rows => {
      const others = issuersOf(rows.sub).filter(issuer => issuer !== rows.issuer);
      return { check, ok: others.length === 0, message: explain(rows, others) };
    });
  } catch (error) {
    return [{ check, ok: false, message: messageOf(error) }];
  }
}

function explain({ sub, issuer, todos, lessons }: GivenRows, others: readonly string[]): string {
  const what = l10n.t(
    '{0} todos and {1} lessons of {2}, from before tenants were told apart, were given to {3}: no sign-in, or more than one, said whose they are.',
    String(todos),
    String(lessons),
    sub,
    issuer,
  );
  const then =
    others.length > 0
      ? l10n.t(
          'You have signed in as {0} at {1}, too. If they are yours there, set AUTH0_DOMAIN and AUTH0_CLIENT_ID to that tenant and run: omnispindle claim --account "{0}"',
          sub,
          others.join(', '),
        )
      : l10n.t(
          'If yours are missing, you had them at another tenant: set AUTH0_DOMAIN and AUTH0_CLIENT_ID to it, run "omnispindle login", then: omnispindle claim',
        );
  return `${what} ${then}`;
}
