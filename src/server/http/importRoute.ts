import * as l10n from '@vscode/l10n';
import { isOmnispindleError, messageOf } from '../../common/errors.ts';
import type { Log } from '../../common/log.ts';
import { plainLine } from '../../common/plainText.ts';
import { redact } from '../../common/redact.ts';
import { readRecords } from '../../store/transfer/readLines.ts';
import type { StoreRecord } from '../../store/transfer/records.ts';
import { accountKey } from '../authenticate.ts';
import type { ServerOptions } from '../createServer.ts';
import { createTurns } from '../turns.ts';
import { boundedBody, TooLargeError, UnreadError } from './boundedBody.ts';
import { bearerChallenge } from './challenge.ts';
import type { HttpStep } from './environment.ts';

/** Where records are taken over, from the public address on. */
export const importPath = '/import';

/** The scope that it needs. */
const scope = 'omnispindle:write';
/** Largest body (bytes), and most records in one: each is one transaction. */
const [largestBody, mostRecords] = [8 * 1024 * 1024, 2_000];
/** How soon (s) to come again where the store does not answer. */
const comeAgainAfter = 5;
/** Most imports of an account that wait for another one of it. */
const mostWaiting = 8;
const mediaType = /^application\/(?:jsonl|x-ndjson)(?:\s*;|$)/i;

/** The parts of the endpoint. */
export interface ImportRouteOptions extends Pick<ServerOptions, 'store'> {
  readonly metadataUrl: string;
  readonly log: Log;
}

/**
 * Takes over what `omnispindle move` sends: the lines of an export (`docs/export-format.md`), as the caller's, all or none
 * of them. They may come any number of times.
 */
export function importRoute({ store, metadataUrl, log }: ImportRouteOptions): HttpStep {
  // One takes long, and what it takes is taken from others.
  const turns = createTurns(Infinity, mostWaiting);

  async function take(request: Request): Promise<StoreRecord[]> {
    const records: StoreRecord[] = [];
    for await (const { record } of readRecords(boundedBody(request, largestBody), largestBody)) {
      if (records.push(record) > mostRecords) throw new TooLargeError();
    }
    return records;
  }

  return async context => {
    const { raw: request } = context.req;
    if (request.method !== 'POST') {
      return answer(405, 'invalid_request', 'Send an export by POST.', { allow: 'POST' });
    }
    const caller = context.get('caller');
    if (!caller.scopes?.includes(scope)) {
      const description = l10n.t('The access token needs the scope {0}.', scope);
      log.info(`403: import: ${description}`);
      const challenge = bearerChallenge({
        error: 'insufficient_scope',
        description,
        scopes: [scope],
        metadataUrl,
      });
      return answer(403, 'insufficient_scope', description, { 'www-authenticate': challenge });
    }
    const { headers } = request;
    const isPacked = !/^(?:identity)?$/i.test(headers.get('content-encoding') ?? '');
    if (!mediaType.test(headers.get('content-type') ?? '') || isPacked) {
      return answer(
        415,
        'invalid_request',
        'Send JSON Lines as they are, with the header "Content-Type: application/jsonl".',
      );
    }
    const endTurn = await turns.take(accountKey(caller));
    if (!endTurn) {
      const text = l10n.t('{0} imports of yours wait. Send one at a time.', String(mostWaiting));
      return answer(429, 'too_many_imports', text, { 'retry-after': String(comeAgainAfter) });
    }
    try {
      const records = await take(request);
      const counts = await (await store(caller)).importRecords(records);
      return Response.json(counts, { headers: { 'cache-control': 'no-store' } });
    } catch (error) {
      return refusalOf(error);
    } finally {
      endTurn();
    }
  };

  function refusalOf(error: unknown): Response {
    if (error instanceof TooLargeError) {
      const text = l10n.t(
        'Send at most {0} bytes and {1} records at a time.',
        String(largestBody),
        String(mostRecords),
      );
      return answer(413, 'invalid_request', text);
    }
    const why = redact(plainLine(messageOf(error), 1_000));
    if (isOmnispindleError(error, 'invalid_records')) return answer(400, 'invalid_records', why);
    if (isOmnispindleError(error, 'busy') || isOmnispindleError(error, 'unavailable')) {
      log.warn(`import: ${why}`);
      return answer(503, 'temporarily_unavailable', why, { 'retry-after': String(comeAgainAfter) });
    }
    if (error instanceof UnreadError) {
      return answer(400, 'invalid_request', 'The body could not be read to its end.');
    }
    throw error;
  }
}

function answer(
  status: number,
  error: string,
  description: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json(
    { error, error_description: description },
    { status, headers: { 'cache-control': 'no-store', ...headers } },
  );
}
