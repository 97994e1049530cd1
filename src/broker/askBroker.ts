import { request as httpRequest, type IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { errorTold } from '../auth/authError.ts';
import { OmnispindleError } from '../common/errors.ts';
import { eventIn } from '../sessions/signInNews.ts';
import type { TokenRequest } from '../sessions/tokenSource.ts';
import { brokerReplySchema, type BrokerReply } from './protocol.ts';
import { lookAtSocket } from './socketOwner.ts';

/** Where a broker is asked, and what opens it. */
export interface BrokerAt {
  readonly address: string;
  readonly key: string;
}

type Answer = Exclude<BrokerReply, { type: 'progress' | 'error' }>;

/**
 * Asks a broker a question, and waits for the answer.
 * @throws OmnispindleError what the broker says instead; `session_lost` where it is gone, `storage_failed` where it is not
 * proven the user's
 */
export async function askBroker<Type extends Answer['type']>(
  at: BrokerAt,
  path: string,
  wanted: Type,
  body: object,
  { signal, onProgress }: Pick<TokenRequest, 'onProgress'> & { readonly signal: AbortSignal },
): Promise<Extract<Answer, { type: Type }>> {
  const response = await sendToBroker(at, 'POST', path, signal, JSON.stringify(body));
  for await (const line of lines(response, signal)) {
    const reply = parseReply(line);
    if (reply.type === 'error') throw errorTold(reply);
    if (reply.type === 'progress') onProgress?.(eventIn(reply));
    else if (reply.type === wanted) return reply as Extract<Answer, { type: Type }>;
    else throw misunderstood(l10n.t('an unknown reply'));
  }
  throw windowGone();
}

/**
 * Sends a request to a broker. Resolves with the head of the answer.
 * @throws as {@link askBroker}
 */
export function sendToBroker(
  { address, key }: BrokerAt,
  method: string,
  path: string,
  signal: AbortSignal,
  body?: string,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // Before every connection: what was ours a moment ago may have been tidied away, and made again by another.
    const found = lookAtSocket(address);
    if (found !== 'user') throw found === 'nothing' ? windowGone() : foreign(address);
    const outgoing = httpRequest(
      {
        socketPath: address,
        // Questions are rare: a connection kept for the next one could only be found closed.
        agent: false,
        method,
        path,
        signal,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
        },
      },
      response => {
        if (response.statusCode === 200) {
          resolve(response);
        } else {
          response.destroy();
          reject(refused(response.statusCode));
        }
      },
    );
    outgoing.on('error', error => {
      reject(signal.aborted ? error : windowGone(error));
    });
    outgoing.end(body);
  });
}

/** The lines of a response. @throws OmnispindleError where the window goes before its end */
async function* lines(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      const parts = (rest + String(chunk)).split('\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
  } catch (error) {
    throw signal.aborted ? error : windowGone(error);
  }
}

function parseReply(line: string): BrokerReply {
  try {
    return brokerReplySchema.parse(JSON.parse(line));
  } catch {
    // Without the cause, which quotes the line.
    throw misunderstood(l10n.t('an unknown reply'));
  }
}

function windowGone(cause?: unknown): OmnispindleError {
  return new OmnispindleError(
    'session_lost',
    l10n.t(
      'The editor window that started this server is closed, or restarts it as another account. Call the tool again; if it fails again, start the server from the editor.',
    ),
    { cause },
  );
}

function foreign(address: string): OmnispindleError {
  return new OmnispindleError(
    'storage_failed',
    l10n.t(
      '{0} is not proven to be your own editor’s: another user of this machine may have put it there. Nothing was sent to it. Start the server again from the editor; if this comes back, see whose it is: ls -la {1}',
      address,
      dirname(address),
    ),
  );
}

function refused(status: number | undefined): OmnispindleError {
  if (status !== 429) return misunderstood(status);
  return new OmnispindleError(
    'server_error',
    l10n.t('Too many calls wait for a token at once. Try again in a moment.'),
  );
}

/** That the broker is of another version. */
export function misunderstood(what: unknown): OmnispindleError {
  return new OmnispindleError(
    'server_error',
    l10n.t(
      'The editor and this server do not understand each other ({0}). Reload the window to bring both to one version.',
      String(what),
    ),
  );
}
