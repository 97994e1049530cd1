import { askByRoute } from '../../bridge/remote/resource/askByRoute.ts';
import { explain } from '../../bridge/remote/explain.ts';
import { OmnispindleError } from '../../common/errors.ts';
import { routeTo } from '../../network/route.ts';
import type { TeamAddress } from './teamAddress.ts';
import { notOurs } from './teamServer.ts';

/** How long (ms) the answer may take, and how much (bytes) of it is read. */
const [answerLimit, longestAnswer] = [15_000, 64 * 1024];

/**
 * Proves, before anybody is asked to sign in and any token is made, that a server takes records over: it refuses who has
 * no token.
 * @throws OmnispindleError `invalid_response` where it is another server, `server_error` where none answers
 */
export async function proveTeamServer(
  address: TeamAddress,
  userAgent: string,
  signal: AbortSignal,
): Promise<void> {
  const ask = askByRoute(await routeTo(address.import, { keepAlive: false }), { 'user-agent': userAgent });
  const limited = AbortSignal.any([signal, AbortSignal.timeout(answerLimit)]);
  const reply = await ask(address.import, {
    method: 'POST',
    headers: { 'content-type': 'application/jsonl', accept: 'application/json' },
    body: '',
    signal: limited,
    limit: longestAnswer,
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new OmnispindleError('server_error', explain(error, address.mcp), { cause: error });
  });
  const { status } = reply;
  // What cannot answer now is asked again when there is something to send.
  if (status !== 401 && status !== 429 && status < 500) throw notOurs(address, { statusCode: status });
}
