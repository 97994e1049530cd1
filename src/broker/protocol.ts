import * as z from 'zod/mini';
import { newsFields } from '../sessions/signInNews.ts';

/**
 * What host and client of a broker say to each other: HTTP over a socket only its user can open, with the
 * key as bearer token.
 *
 * - `POST /token` with a {@link tokenRequestSchema} is answered by lines of JSON, each a
 *   {@link tokenReplySchema}: any number of `progress`, then one `token` or `error`.
 * - `GET /events` stays open as long as both live and carries a line `{}` whenever tokens given before
 *   must not be used any more. Its end is the end of the server to the host, and of the host to the server.
 */
export const protocolVersion = 1;

/** Longest request the host reads, in bytes; a token it gave is the longest thing in one. */
export const maximumRequest = 64 * 1024;

/** A server's request: a token for that API and these scopes, and not the one that was refused. */
export const tokenRequestSchema = z.object({
  version: z.literal(protocolVersion),
  rejected: z.optional(z.string()),
  /** Where absent, the one that the key is for. */
  audience: z.optional(z.string()),
  scopes: z.optional(z.array(z.string())),
  /** With all the scopes that the key is for, whatever they are, instead. */
  allScopes: z.optional(z.boolean()),
  /** Nobody is to be asked: where only a person could help, the answer is the error `login_required`. */
  silent: z.optional(z.boolean()),
  /** The sign-in that is wanted behind a token other than the refused one (RFC 9470). */
  stepUp: z.optional(
    z.object({
      acrValues: z.optional(z.string().check(z.maxLength(500))),
      maxAge: z.optional(z.int().check(z.nonnegative())),
    }),
  ),
});

/**
 * The host's replies: any number of `progress`, then one `token` or `error`. `expiresAt` is in ms since the epoch, `lifetime` in ms.
 */
export const tokenReplySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), ...newsFields }),
  z.object({
    type: z.literal('token'),
    accessToken: z.string().check(z.minLength(1)),
    expiresAt: z.number(),
    lifetime: z.number().check(z.positive()),
    /** What the key is for, where that is not the tenant's default one. */
    audience: z.optional(z.string()),
    account: z.optional(
      z.object({ label: z.string(), name: z.optional(z.string()), email: z.optional(z.string()) }),
    ),
  }),
  z.object({ type: z.literal('error'), code: z.string(), message: z.string() }),
]);
/** One line from the host. */
export type TokenReply = z.infer<typeof tokenReplySchema>;
