import { setTimeout as delay } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import type { AuthorizedRequest } from '../../bridge/remote/authorizedRequest.ts';
import { NotAllowedError } from '../../bridge/remote/consent/wish.ts';
import type { Answer } from '../../bridge/remote/decoding.ts';
import { explain } from '../../bridge/remote/explain.ts';
import { RemoteError, refusal } from '../../bridge/remote/refusal.ts';
import { bearerChallenges } from '../../bridge/remote/wwwAuthenticate.ts';
import { codesIn } from '../../auth/connectionFailure.ts';
import { isOmnispindleError, OmnispindleError } from '../../common/errors.ts';
import { plainLine } from '../../common/plainText.ts';
import { countTypes, type ImportCounts } from '../../store/transfer/records.ts';
import { endLine, headerLine } from '../../store/transfer/writeLines.ts';
import type { Batch } from './batches.ts';
import type { TeamAddress } from './teamAddress.ts';
import { wantsMore } from './unfitServer.ts';

/** How long (ms) is waited before the next try, where the server does not say it, and how long at most. */
const pauses = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000];
const longestPause = 5 * 60_000;
/** How long (ms) the server may take with a batch. */
const patience = 120_000;

const count = z.int().check(z.nonnegative());
const countsSchema = z.object({ added: count, same: count, newer: count, older: count });
const problemSchema = z.object({ error_description: z.string() });

/** How records are sent. */
export interface SendingOptions {
  readonly address: TeamAddress;
  readonly request: AuthorizedRequest;
  readonly signal: AbortSignal;
  /** Told that a try failed, and how long (ms) it is waited before the next one. */
  onRetry(why: string, wait: number): void;
  /** How long (ms) is waited before each further try. */
  readonly pauses?: readonly number[];
}

/** That a batch is larger than the server takes. */
export const tooLarge = Symbol('too large');

/**
 * Sends a batch to the server, again where it cannot be known whether it got there: it may come twice.
 * @returns what became of it, or that it is too large
 * @throws OmnispindleError with what to do next; what the signal was aborted with
 */
export async function sendBatch(
  batch: Batch,
  options: SendingOptions,
): Promise<ImportCounts | typeof tooLarge> {
  const { address, signal, onRetry, pauses: waits = pauses } = options;
  for (let tries = 0; ; tries++) {
    signal.throwIfAborted();
    try {
      return await sendOnce(batch, options);
    } catch (error) {
      signal.throwIfAborted();
      const pause = waits[tries];
      if (pause === undefined || !isPassing(error)) throw problem(error, address);
      const asked = error instanceof RemoteError ? error.retryAfter : undefined;
      const wait = Math.min(Math.max(asked ?? 0, pause), longestPause);
      onRetry(explain(error, address.mcp), wait);
      await delay(wait, undefined, { signal });
    }
  }
}

async function sendOnce(
  { records, lines }: Batch,
  { address, request, signal }: SendingOptions,
): Promise<ImportCounts | typeof tooLarge> {
  const body = headerLine(new Date().toISOString()) + lines.join('') + endLine(countTypes(records));
  const limited = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  const answer = await request(address.import, {
    method: 'POST',
    headers: { 'content-type': 'application/jsonl', accept: 'application/json' },
    body,
    // It is compared with what is there.
    repeatable: true,
    signal: limited,
    waiting: { signal, stop: () => undefined },
  });
  if (answer.statusCode === 413) {
    answer.destroy();
    return tooLarge;
  }
  const refused = await refusal(answer);
  if (answer.statusCode !== 200) throw refused;
  const counts = countsSchema.safeParse(jsonOf(refused.body));
  const { added = 0, same = 0, newer = 0, older = 0 } = counts.data ?? {};
  if (!counts.success || added + same + newer + older !== records.length) throw notOurs(address, answer);
  return { added, same, newer, older };
}

/** What Node.js says of a connection that may come about, or last, the next time: nothing of a certificate. */
const ofConnection =
  /^(?:E(?:CONN(?:RESET|REFUSED|ABORTED)|TIMEDOUT|PIPE|NOTFOUND|AI_AGAIN|(?:HOST|NET)(?:UNREACH|DOWN)|ADDRNOTAVAIL)|ERR_STREAM_(?:PREMATURE_CLOSE|DESTROYED))$/;

/** Whether the same may succeed later. */
function isPassing(error: unknown): boolean {
  if (error instanceof RemoteError) {
    return error.status >= 500 ? error.status !== 501 : [408, 425, 429].includes(error.status);
  }
  if (isOmnispindleError(error)) return error.code === 'server_error';
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  return isLate || codesIn(error).some(code => ofConnection.test(code));
}

/** What went wrong, with what to do next. */
function problem(error: unknown, address: TeamAddress): unknown {
  if (!(error instanceof Error) || isOmnispindleError(error)) return error;
  if (error instanceof NotAllowedError) return wantsMore(address.mcp);
  if (error instanceof RemoteError) {
    const { status, challenges, body } = error;
    const scope = bearerChallenges(challenges)
      .find(({ parameters }) => parameters.get('error') === 'insufficient_scope')
      ?.parameters.get('scope');
    if (status === 403 && scope !== undefined) {
      return new OmnispindleError(
        'access_denied',
        l10n.t(
          '{0} needs the scope {1} for this, and your tenant does not give it to you. Ask whoever runs the tenant for it, then try again.',
          address.mcp.origin,
          plainLine(scope),
        ),
      );
    }
    if ([404, 405, 410].includes(status)) return notOurs(address, { statusCode: status });
    const said = problemSchema.safeParse(jsonOf(body)).data?.error_description;
    if (said !== undefined && status < 500 && status !== 401) {
      return new OmnispindleError(
        'server_error',
        l10n.t('{0} refused it (status {1}): {2}', address.mcp.origin, String(status), plainLine(said, 500)),
      );
    }
  }
  return new OmnispindleError('server_error', explain(error, address.mcp), { cause: error });
}

/** That what answers there takes no records. */
export function notOurs(
  { import: url }: TeamAddress,
  { statusCode = 0 }: Pick<Answer, 'statusCode'>,
): OmnispindleError {
  return new OmnispindleError(
    'invalid_response',
    l10n.t(
      '{0} is no team’s server of Omnispindle, or one of an older version: it does not take todos over (status {1}). Check the address with whoever runs it.',
      url.origin + url.pathname.replace(/import$/, ''),
      String(statusCode),
    ),
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
