import type { HttpStep } from '../environment.ts';
import { currentRequest, noteRequest } from './record.ts';

/** Notes why a request was not let in, by the challenge that it was answered with (RFC 6750 section 3). */
export const noteRefusal: HttpStep = async (context, next) => {
  await next();
  const { status } = context.res;
  if (status === 429 && !currentRequest()?.limited) noteRequest({ limited: 'concurrency' });
  if (status < 400 || status > 403) return;
  const challenge = context.res.headers.get('www-authenticate');
  if (challenge === null) return;
  noteRequest({ refusal: /(?:^|[\s,])error="(\w{1,40})"/.exec(challenge)?.[1] ?? 'missing_token' });
};
