import * as z from 'zod/mini';
import { plainLine } from '../common/plainText.ts';
import { redact } from '../common/redact.ts';

/** What a tenant said of a request that it did not carry out. */
export interface Refusal {
  readonly status: number;
  /** The `error` of RFC 6749 section 5.2, where the answer has one. */
  readonly error?: string;
  /** Its `error_description`, or what Auth0 has in its place. As it came: not to be shown before {@link shownWords}. */
  readonly description?: string;
  /** How long (s) the tenant wants to be left alone (RFC 9110 section 10.2.3). */
  readonly retryAfter?: number;
}

/** Longest of a tenant's words (UTF-16 units) that a person is shown, and that is looked at for it. */
const longestWords = 300;
const longestRead = 4_096;
/** What is shorter may be part of any word. */
const shortestSecret = 8;

const bodySchema = z.object({
  error: z.optional(z.string()),
  error_description: z.catch(z.optional(z.string()), undefined),
  message: z.catch(z.optional(z.string()), undefined),
});

/** By answer, because openid-client reads no words from a status above 499 or from what is not called JSON. */
const refusals = new WeakMap<Response, Refusal>();

/** Keeps what an answer says of a request that failed, until whoever asked looks for it. */
export function noteRefusal(response: Response, body: string): void {
  const { status, headers } = response;
  if (status < 400) return;
  const { error, error_description, message } = wordsIn(body);
  const description = error_description ?? message;
  const retryAfter = secondsOf(headers.get('retry-after'));
  refusals.set(response, {
    status,
    ...(error !== undefined && error !== '' && { error }),
    ...(description !== undefined && { description }),
    ...(retryAfter !== undefined && { retryAfter }),
  });
}

/** What the tenant said, where that answer is such a refusal. */
export function refusalIn(response: unknown): Refusal | undefined {
  return response instanceof Response ? refusals.get(response) : undefined;
}

/**
 * A tenant's words as a person may see them: one line, cut, and without anything secret.
 * @param secrets what was sent, in case the tenant says it again
 */
export function shownWords(words: unknown, secrets: readonly string[] = []): string {
  if (typeof words !== 'string') return '';
  const hidden = secrets
    .filter(({ length }) => length >= shortestSecret)
    .reduce((text, secret) => text.replaceAll(secret, '[redacted]'), words);
  return plainLine(redact(plainLine(hidden, longestRead)), longestWords).trim();
}

function wordsIn(body: string): z.infer<typeof bodySchema> {
  try {
    return bodySchema.parse(JSON.parse(body));
  } catch {
    return {};
  }
}

function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - Date.now()) / 1000);
}
