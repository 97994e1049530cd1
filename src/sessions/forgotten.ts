import * as z from 'zod/mini';
import { lastEnd } from './accessTokens.ts';
import { parseSession } from './parseSession.ts';
import { refreshTokensOf } from './session.ts';
import type { Tenant } from '../auth/tenant.ts';

/** What was in the entries of an account that were removed: what a sign-out has to tell the tenant. */
export interface Forgotten {
  /** The account's, where one of the entries could be read. */
  readonly label?: string;
  readonly tokens: readonly { readonly tenant: Tenant; readonly refreshToken: string }[];
  /** When the last access token ends; milliseconds since the epoch. */
  readonly accessTokenEnds?: number;
  /** How many could not be read, so that there may be tokens in them of which the tenant cannot be told. */
  readonly unreadable: number;
  /** Why something of it is still there, where it is. */
  readonly failure?: Error;
}

/** What another version wrote is good enough where the tenant can be told by it. */
const legible = z.object({
  tenant: z.object({ domain: z.string(), clientId: z.string(), audience: z.string() }),
  account: z.optional(z.object({ label: z.optional(z.string()) })),
  refreshToken: z.string().check(z.minLength(1)),
  replaced: z.optional(z.array(z.string())),
  audiences: z.catch(z.optional(z.array(z.object({ refreshToken: z.optional(z.string()) }))), undefined),
  expiresAt: z.optional(z.number()),
});

/** Collects what is in the texts of entries; undefined stands for one that cannot be unsealed. */
export function collectForgotten(texts: readonly (string | undefined)[]): Forgotten {
  // A killed writer may leave a file before it wrote anything.
  const entries = texts.filter(text => text !== '').map(text => (text === undefined ? text : read(text)));
  const known = entries.filter(entry => entry !== undefined);
  const ends = known.map(({ expiresAt = 0 }) => expiresAt);
  const label = known.find(({ account }) => account?.label)?.account?.label;
  const tokens = known.flatMap(({ tenant, replaced = [], ...entry }) =>
    [...refreshTokensOf(entry), ...replaced].flatMap(token =>
      token ? [{ tenant, refreshToken: token }] : [],
    ),
  );
  return {
    ...(label !== undefined && { label }),
    tokens: [...new Map(tokens.map(token => [token.refreshToken, token])).values()],
    ...(ends.length > 0 && { accessTokenEnds: Math.max(...ends) }),
    unreadable: entries.length - known.length,
  };
}

function read(text: string) {
  const session = parseSession(text);
  if (session) return { ...session, expiresAt: lastEnd(session) };
  try {
    return legible.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
