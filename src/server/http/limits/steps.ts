import type { HttpStep } from '../environment.ts';
import { noteRequest } from '../observe/record.ts';
import type { Pseudonym } from '../observe/pseudonym.ts';
import { addressGroup, clientAddress } from './clientAddress.ts';
import type { RateLimit } from './rateLimit.ts';
import { tooManyRequests } from './tooMany.ts';

/**
 * Knows each account by its pseudonym, and refuses (429) the one that calls too often. Each message of a batch is a call;
 * how many there are is found out later, by whoever reads the body.
 */
export function limitAccounts(limit: RateLimit | undefined, pseudonymOf: Pseudonym): HttpStep {
  return async function accountLimit(context, next) {
    const account = pseudonymOf(context.get('caller'));
    noteRequest({ account });
    if (limit) {
      const count = async (many: number) => {
        for (let i = 0; i < many; i++) {
          const verdict = await limit.take(account);
          if (verdict.isAllowed) continue;
          noteRequest({ limited: 'account' });
          return tooManyRequests(limit.rate, verdict);
        }
        return undefined;
      };
      const refused = await count(1);
      if (refused) return refused;
      context.set('countMore', count);
    }
    await next();
    return undefined;
  };
}

/**
 * Answers 429 instead of 401 to an address that too many requests without a valid token have come from. Who has one is
 * not kept out by a neighbour's mistake.
 * @param proxies how many proxies of the operator's a request passes
 */
export function limitAddresses(limit: RateLimit, proxies: number): HttpStep {
  return async function addressLimit(context, next) {
    await next();
    if (context.res.status !== 401) return;
    const peer = context.env?.incoming?.socket.remoteAddress;
    const forwardedFor = context.req.raw.headers.get('x-forwarded-for');
    const verdict = await limit.take(addressGroup(clientAddress(peer, forwardedFor, proxies)));
    if (verdict.isAllowed) return;
    noteRequest({ limited: 'address' });
    // Hono would add the headers of the answer before to it.
    context.res = undefined;
    context.res = tooManyRequests(limit.rate, verdict);
  };
}
