import { randomUUID } from 'node:crypto';
import { isObject } from '../../../common/isObject.ts';
import { toMessage, type Message } from '../../../mcp/message.ts';
import { metaKeys } from '../../../mcp/names.ts';
import { RedirectError } from '../redirect.ts';
import { RemoteError } from '../refusal.ts';
import type { Call } from '../call.ts';
import { NotStreamableError } from '../otherTransport.ts';
import { jsonIn } from '../../../mcp/words.ts';
import { isSessionUnknown } from '../sessionGone.ts';
import { ask, SilentError, type ExchangeOptions } from '../stateless/exchange.ts';
import { isAboutRequest, isModernError, isModernRefusal, supportedBy } from './contradiction.ts';
import { isModernVersion, newestVersion, type Era } from './era.ts';

/** What a server is, by its answer to `server/discover`. */
export interface Finding {
  readonly era: Era;
  /** The answer, where a client may read it as that. */
  readonly answer?: Message;
  /** Its result, where there is one. */
  readonly discovered?: Record<string, unknown>;
  /** Why a modern server did not take the question, as in a revision that it does not know. */
  readonly refused?: RemoteError;
}

/**
 * Asks a server which era it is of (MCP specification 2026-07-28, "Backward Compatibility").
 * @param question the client's own `server/discover`; absent, one of ours is sent
 * @throws RemoteError, or Error for `explain`, where what became of the question says nothing of the era
 */
export async function probe(
  options: ExchangeOptions,
  call: Pick<Call, 'waiting' | 'unattended'>,
  question?: Message,
): Promise<Finding> {
  const first = await askOnce(options, call, question ?? bridgeQuestion());
  // Some refuse the first request, whatever revision it is of, only to say which ones there are.
  return !question && offersOurs(first) ? askOnce(options, call, bridgeQuestion()) : first;
}

async function askOnce(
  options: ExchangeOptions,
  call: Pick<Call, 'waiting' | 'unattended'>,
  question: Message,
): Promise<Finding> {
  const { id } = question.content as { readonly id: string };
  const ended = new AbortController().signal;
  const asked: Call = { ...call, id, method: 'server/discover', ended, sent: false };
  try {
    return found(await ask(options, question, asked));
  } catch (error) {
    if (isModernRefusal(error)) return { era: 'modern', refused: error };
    if (isLegacySign(error)) return { era: 'legacy' };
    throw error;
  }
}

function offersOurs({ refused, answer }: Finding): boolean {
  const said = [...jsonIn(refused?.body ?? ''), answer?.content];
  return said.some(value => supportedBy(value)?.includes(newestVersion));
}

function found(answer: Message): Finding {
  const { result } = answer.content as { readonly result?: unknown };
  if (!isObject(result)) return isModernError(answer.content) ? { era: 'modern', answer } : { era: 'legacy' };
  const { supportedVersions: versions } = result;
  return Array.isArray(versions) && versions.some(isModernVersion)
    ? { era: 'modern', answer, discovered: result }
    : { era: 'legacy' };
}

/** Whether a server that is there does not know what it was asked. */
function isLegacySign(error: unknown): boolean {
  // Only legacy servers have sessions that could be missed.
  if (error instanceof RemoteError) return isAboutRequest(error) || isSessionUnknown(error);
  return (
    error instanceof NotStreamableError || error instanceof RedirectError || error instanceof SilentError
  );
}

function bridgeQuestion(): Message {
  return toMessage({
    jsonrpc: '2.0',
    id: randomUUID(),
    method: 'server/discover',
    params: {
      _meta: {
        [metaKeys.version]: newestVersion,
        [metaKeys.clientInfo]: { name: 'omnispindle', version: '1' },
        [metaKeys.clientCapabilities]: {},
      },
    },
  });
}
