import { createHash } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../common/errors.ts';
import {
  countTypes,
  noCounts,
  sumOf,
  type ImportCounts,
  type StoreRecord,
  type TypeCounts,
} from '../../store/transfer/records.ts';
import { batchesOf, type Batch } from './batches.ts';
import type { Steps } from './progress.ts';
import { tooLarge } from './teamServer.ts';

/** How often the same is sent before it is said that the server does not keep it. */
const mostOfSame = 4;
/** How often all is sent at most, where somebody changes it meanwhile. */
const mostPasses = 20;

/** What is moved, and how. */
export interface MoveParts {
  /** All that there is, each time it is called. */
  records(): AsyncIterable<StoreRecord>;
  send(batch: Batch): Promise<ImportCounts | typeof tooLarge>;
  readonly step: Steps['step'];
}

/** What was moved. */
export interface Moved {
  /** What became of it when it was sent first. */
  readonly counts: ImportCounts;
  readonly types: TypeCounts;
  /** What the server does not take; all else is there. */
  readonly tooLarge: readonly StoreRecord[];
}

/**
 * Sends all, and sends it again until the server says of all of it that it was there already: only then it is there. What
 * is added or changed here meanwhile comes along.
 * @throws OmnispindleError `server_error` where that never comes, `busy` where it is changed again and again; what `send`
 * and `step` throw
 */
export async function moveAll({ records, send, step }: MoveParts): Promise<Moved> {
  let counts: ImportCounts | undefined;
  let before = '';
  let ofSame = 1;
  for (let pass = 0; pass < mostPasses; pass++) {
    const large: StoreRecord[] = [];
    const types = countTypes();
    let ofPass = noCounts;
    let done = 0;
    const digest = createHash('sha256');
    for await (const batch of batchesOf(records())) {
      for (const line of batch.lines) digest.update(line);
      ofPass = sumOf(ofPass, await sendParts(batch, send, large));
      for (const { type } of batch.records) types[type]++;
      done += batch.records.length;
      await step(done);
    }
    counts ??= ofPass;
    const isThere = ofPass.added === 0 && ofPass.newer === 0;
    if (isThere) return { counts, types, tooLarge: large };
    const sent = digest.digest('hex');
    ofSame = sent === before ? ofSame + 1 : 1;
    before = sent;
    if (ofSame === mostOfSame) throw notKept();
  }
  throw new OmnispindleError(
    'busy',
    l10n.t(
      'Todos were added or changed here again and again while they were moved. What was sent is there. Run it again when nobody else writes.',
    ),
  );
}

function notKept(): OmnispindleError {
  return new OmnispindleError(
    'server_error',
    l10n.t(
      'The server took everything, and does not have it when it is asked again. Ask whoever runs it. What is on this machine stays.',
    ),
  );
}

/** Sends a batch, or its halves where it is too large. */
async function sendParts(batch: Batch, send: MoveParts['send'], large: StoreRecord[]): Promise<ImportCounts> {
  const counts = await send(batch);
  if (counts !== tooLarge) return counts;
  const { records, lines } = batch;
  const [first] = records;
  if (records.length === 1 && first) {
    large.push(first);
    return noCounts;
  }
  const half = Math.ceil(records.length / 2);
  const before = await sendParts(
    { records: records.slice(0, half), lines: lines.slice(0, half) },
    send,
    large,
  );
  const after = await sendParts({ records: records.slice(half), lines: lines.slice(half) }, send, large);
  return sumOf(before, after);
}
