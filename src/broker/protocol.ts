import * as z from 'zod/mini';
import { newsFields } from '../sessions/signInNews.ts';
import type { JoinRequest } from './joinRequest.ts';

/**
 * What host and client of a broker say to each other: HTTP over a socket only its user can open, with the
 * key as bearer token.
 *
 * - `POST /token` with a {@link tokenRequestSchema} is answered by lines of JSON, each a
 *   {@link brokerReplySchema}: any number of `progress`, then one `token` or `error`.
 * - `GET /events` stays open as long as both live and carries a line `{}` whenever tokens given before
 *   must not be used any more. Its end is the end of the server to the host, and of the host to the server.
 * - `POST /secrets` with a {@link secretsRequestSchema} is answered by any number of `progress`, then `secrets` or `error`.
 * - `POST /report` with a {@link reportSchema} is answered by `noted`.
 * - `POST /network`, also at the door, with a {@link networkRequestSchema} is answered by `proxy` or `keys`, as it asks, or by `error`.
 * - `POST /join`, with the secret of the host's door instead of a key, and with a {@link joinRequestSchema}, is answered by
 *   any number of `progress`, then `key` or `error`.
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

/** A server asks for what its setting says and no file or variable may hold. */
export const secretsRequestSchema = z.object({
  version: z.literal(protocolVersion),
  silent: z.optional(z.boolean()),
});

/** A bridge says why its server cannot be reached, or that it can again. */
export const reportSchema = z.object({
  version: z.literal(protocolVersion),
  problem: z.optional(z.string()),
  silent: z.optional(z.boolean()),
});

/** A server asks what the proxy of the editor's settings is to be told, or for the keys of the tenant. */
export const networkRequestSchema = z.object({
  version: z.literal(protocolVersion),
  wanted: z.enum(['proxy', 'keys']),
  /** The address of the proxy that is to be told something. */
  proxy: z.optional(z.string().check(z.maxLength(2_048))),
  silent: z.optional(z.boolean()),
});

/** A server that was started by nobody here asks for a key of its own. */
export const joinRequestSchema = z.object({
  version: z.literal(protocolVersion),
  /** Its name in the settings. */
  server: z.string().check(z.minLength(1), z.maxLength(1_024)),
  /** A hash of the definition that it was started by. */
  definition: z.string().check(z.maxLength(128)),
  /** What its client calls itself. */
  client: z.optional(z.string().check(z.maxLength(1_024))),
  silent: z.optional(z.boolean()),
}) satisfies z.ZodMiniType<JoinRequest>;

/**
 * The host's replies: any number of `progress`, then one of the others. `expiresAt` is in ms since the epoch, `lifetime` in ms.
 */
export const brokerReplySchema = z.discriminatedUnion('type', [
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
  z.object({
    type: z.literal('secrets'),
    headers: z.optional(z.record(z.string(), z.string())),
    env: z.optional(z.record(z.string(), z.string())),
  }),
  z.object({ type: z.literal('noted') }),
  z.object({ type: z.literal('proxy'), authorization: z.optional(z.string()) }),
  z.object({ type: z.literal('keys'), issuer: z.string(), keys: z.string() }),
  z.object({ type: z.literal('key'), key: z.string().check(z.minLength(1)) }),
  z.object({ type: z.literal('error'), code: z.string(), message: z.string() }),
]);
/** One line from the host. */
export type BrokerReply = z.infer<typeof brokerReplySchema>;
