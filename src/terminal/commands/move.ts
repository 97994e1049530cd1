import * as l10n from '@vscode/l10n';
import { createAuthorizedRequest } from '../../bridge/remote/authorizedRequest.ts';
import { createConsent } from '../../bridge/remote/consent/consent.ts';
import { issuerOf } from '../../auth/tenant.ts';
import { isEditors } from '../../broker/variables.ts';
import { toolScopes } from '../../common/toolScopes.ts';
import { userDirectory } from '../../platform/paths.ts';
import { otherOwners } from '../../store/directoryStore.ts';
import type { Owner, Store } from '../../store/store.ts';
import { StoreError } from '../../store/storeError.ts';
import type { ImportCounts, StoreRecord } from '../../store/transfer/records.ts';
import { interruptible } from '../interruptible.ts';
import { stderrLog } from '../log.ts';
import { sayOnStderr } from '../sayOnStderr.ts';
import { openTokenSource } from '../tokenSource.ts';
import { moveAll } from '../transfer/moveAll.ts';
import { withLabels } from '../transfer/labelledOwners.ts';
import { signedIn, withRowsHere, type OwnerOptions, type SignedIn } from '../transfer/ownRows.ts';
import { proveTeamServer } from '../transfer/proveTeamServer.ts';
import { stepsOf } from '../transfer/progress.ts';
import { teamAddress } from '../transfer/teamAddress.ts';
import { sendBatch } from '../transfer/teamServer.ts';
import { undeclared } from '../transfer/unfitServer.ts';
import { countWords, othersWords, typeWords } from '../transfer/words.ts';
import { version } from '../version.ts';
import { print } from './output.ts';

/** The options of `move`, as typed. */
export interface MoveOptions extends OwnerOptions {
  readonly to: string;
  readonly audience?: string;
  /** Takes along what other accounts have on this machine, as the signed-in account's. */
  readonly fromAll?: boolean;
  readonly json?: boolean;
}

/**
 * `omnispindle move --to URL`: sends what the signed-in account has on this machine to a team's server, until that has
 * all of it. What was sent already does no harm, so whatever stops it, it is run again. What is here stays. It says what
 * other accounts have here, as the same person's at another tenant, and takes that along where it is told to.
 * @throws AuthError where nobody is signed in @throws StoreError @throws OmnispindleError with what to do next
 */
export async function move(options: MoveOptions): Promise<void> {
  const address = teamAddress(options.to);
  const log = stderrLog();
  const userAgent = `omnispindle/${version}`;
  const who = await signedIn(options, log);
  const moved = await interruptible(async signal => {
    await proveTeamServer(address, userAgent, signal);
    const tokenSource = await openTokens(who, options, log);
    const { tenant } = tokenSource;
    const { request } = await createAuthorizedRequest({
      url: address.mcp,
      tokenSource,
      audience:
        options.audience !== undefined || !tenant
          ? { by: 'given' }
          : { by: 'server', issuer: issuerOf(tenant), allowsDefault: false, undeclared },
      headers: {},
      // The person has named the server themselves.
      consent: createConsent({ url: address.mcp, scopes: toolScopes, memory: forgetful }),
      userAgent,
      // What it warns of early ends the command, which says it then.
      log: { ...log, warn: log.debug },
    });
    const { step } = stepsOf(signal, done => l10n.t('{0} records are there …', done));
    return withRowsHere(who, log, async store => {
      const others = otherOwners(userDirectory(), who.owner);
      const result = await moveAll({
        records: () => recordsOf(store, [who.owner, ...(options.fromAll ? others : [])]),
        send: batch =>
          sendBatch(batch, {
            address,
            request,
            signal,
            onRetry(why, wait) {
              sayOnStderr(l10n.t('{0} Next try in {1} s.', why, String(Math.ceil(wait / 1_000))));
            },
          }),
        step,
      });
      return { ...result, others };
    });
  }, l10n.t('The move was stopped. What is there is whole; run it again for the rest.'));
  const leftHere = options.fromAll ? [] : moved.others;
  if (leftHere.length > 0) sayOnStderr(othersWords(await withLabels(leftHere, who, log)));
  if (moved.tooLarge.length > 0) throw leftBehind(moved.tooLarge, moved.counts);
  const { todo: todos, lesson: lessons, log: logs } = moved.types;
  const url = address.mcp.href;
  const words = [who.label, url, typeWords(moved.types), countWords(moved.counts)] as const;
  print(
    options.json,
    { to: url, account: who.label, todos, lessons, logs, ...moved.counts, leftHere },
    options.fromAll && moved.others.length > 0
      ? l10n.t(
          'All that is on this machine, of whatever account, is at {1} now as that of {0}, which was checked: {2} ({3}). It stays on this machine, too.',
          ...words,
        )
      : l10n.t(
          'All that {0} has here is at {1} now, which was checked: {2} ({3}). It stays on this machine, too.',
          ...words,
        ),
  );
}

/** All of several accounts, one after the other. */
async function* recordsOf(store: Store, owners: readonly Owner[]): AsyncGenerator<StoreRecord> {
  for (const owner of owners) yield* store.of(owner).exportRecords();
}

function openTokens(who: SignedIn, { audience, account }: MoveOptions, log: ReturnType<typeof stderrLog>) {
  const { environment, owner } = who;
  const named = environment.environmentToken ? account : owner.sub;
  return openTokenSource({
    log,
    environment: () => Promise.resolve(environment),
    isForAnother: true,
    ...(named !== undefined && { account: named }),
    // Its broker knows them: a server that it gives a key for declares nothing to us.
    ...(isEditors() && { scopes: toolScopes }),
    ...(audience !== undefined && { audience }),
  });
}

/** Nothing is allowed beyond this command. */
const forgetful = {
  get: () => Promise.resolve({ scopes: [] }),
  set: () => Promise.resolve(),
};

function leftBehind(records: readonly StoreRecord[], counts: ImportCounts): StoreError {
  const names = records.slice(0, 5).map(({ type, id }) => `${type} ${id}`);
  return new StoreError(
    'invalid_records',
    l10n.t(
      'The server takes nothing as large as {0} of your records, the first of them {1}. All else is there ({2}). Make them smaller, or ask whoever runs the server to take larger ones; then run it again.',
      String(records.length),
      names.join(', '),
      countWords(counts),
    ),
  );
}
