import type { OutgoingHttpHeaders } from 'node:http';
import type { Route } from '../../../network/route.ts';
import { acceptedEncodings, decoded, type Answer } from '../decoding.ts';
import type { Ask } from './lookUp.ts';

/** Asks by the connections that the calls go by, with those headers. @throws as the route does; UnreadableError */
export function askByRoute(route: Route, always: OutgoingHttpHeaders): Ask {
  return async (address, { method, headers, body, signal, limit }) => {
    const sent = { ...always, 'accept-encoding': acceptedEncodings, ...headers };
    const answer = await route.send(
      address,
      { method, headers: sent, body, signal, repeatable: true },
      decoded,
    );
    const { statusCode: status = 0, headers: given } = answer;
    return {
      status,
      type: given['content-type'] ?? '',
      challenges: given['www-authenticate'],
      body: await beginningOf(answer, limit),
    };
  };
}

/** All of a body; undefined where it is longer than that. */
async function beginningOf(answer: Answer, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limit) return undefined;
      chunks.push(chunk);
    }
  } finally {
    answer.destroy();
  }
  if (answer.unreadable) throw answer.unreadable;
  return Buffer.concat(chunks).toString();
}
