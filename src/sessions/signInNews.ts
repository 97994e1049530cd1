import * as z from 'zod/mini';
import { safeAddress } from '../auth/address.ts';
import { addressOf, type SignInEvent } from './signInEvent.ts';
import { signInWords } from './signInWords.ts';

/** An address that may be offered to a person. */
const address = z.string().check(z.refine(url => safeAddress(url) !== undefined));
const circumstances = {
  notice: z.optional(z.string()),
  elsewhere: z.optional(z.boolean()),
  passFor: z.optional(z.string()),
};

const eventSchema = z.discriminatedUnion('type', [
  z.object({ ...circumstances, type: z.literal('browser'), url: address, opened: z.boolean() }),
  z.object({
    ...circumstances,
    type: z.literal('deviceCode'),
    userCode: z.string(),
    verificationUri: address,
    verificationUriComplete: z.optional(address),
    expiresAt: z.number(),
  }),
  z.object({
    ...circumstances,
    type: z.literal('flow'),
    flow: z.enum(['uriHandler', 'loopback', 'deviceCode']),
    reason: z.string(),
  }),
  z.object({ ...circumstances, type: z.literal('pass'), audience: z.string() }),
  z.object({ ...circumstances, type: z.literal('editor'), host: z.optional(z.string()) }),
  z.object({ ...circumstances, type: z.literal('unkept'), label: z.string(), reason: z.string() }),
  z.object({ ...circumstances, type: z.literal('message'), message: z.string(), url: z.optional(address) }),
]) satisfies z.ZodMiniType<SignInEvent>;

/**
 * How an event goes from one process of ours to another, which may be of another version: the older one reads the
 * words and the address, and writes nothing else.
 */
export const newsFields = {
  message: z.string(),
  url: z.optional(address),
  event: z.optional(z.unknown()),
};

/** What {@link newsFields} read. */
export interface SignInNews {
  readonly message: string;
  readonly url?: string | undefined;
  readonly event?: unknown;
}

/** An event as another process reads it. */
export function newsOf(event: SignInEvent): SignInNews {
  const url = addressOf(event);
  return { message: signInWords(event), ...(url !== undefined && { url }), event };
}

/** The event that another process tells; of one that this version does not know, its words. */
export function eventIn({ message, url, event }: SignInNews): SignInEvent {
  const known = eventSchema.safeParse(event);
  if (known.success) return known.data;
  return { type: 'message', message, ...(url !== undefined && { url }) };
}
