import * as z from 'zod/mini';
import { shown } from './account.ts';
import type { Session } from './session.ts';

const tokenFields = {
  accessToken: z.string().check(z.minLength(1)),
  expiresAt: z.number(),
  lifetime: z.number().check(z.positive()),
  replacedAt: z.optional(z.number()),
};

const tokenSchema = z.object({ scopes: z.array(z.string()), ...tokenFields });

// The types are written out, not inferred: those of the package must not ask for zod.
const accountSchema = z.object({
  id: z.string().check(z.minLength(1)),
  label: z.string().check(z.minLength(1)),
  name: z.optional(z.string()),
  email: z.optional(z.string()),
  organization: z.optional(z.object({ id: z.string().check(z.minLength(1)), name: z.optional(z.string()) })),
});

const sessionSchema = z.object({
  version: z.literal([1, 2]),
  id: z.string().check(z.minLength(1)),
  tenant: z.object({ domain: z.string(), clientId: z.string(), audience: z.string() }),
  account: accountSchema,
  scopes: z.array(z.string()),
  granted: z.optional(z.array(z.string())),
  ...tokenFields,
  tokenScopes: z.optional(z.array(z.string())),
  tokens: z.optional(z.array(tokenSchema)),
  audiences: z.optional(
    z.array(
      z.object({
        audience: z.string().check(z.minLength(1)),
        tokens: z.array(tokenSchema),
        refreshToken: z.optional(z.string().check(z.minLength(1))),
        scopes: z.optional(z.array(z.string())),
        granted: z.optional(z.array(z.string())),
        needsPass: z.optional(z.boolean()),
        withheld: z.optional(z.array(z.string())),
      }),
    ),
  ),
  refreshToken: z.optional(z.string().check(z.minLength(1))),
  sid: z.optional(z.string()),
  replaced: z.optional(z.array(z.string())),
  ended: z.optional(z.boolean()),
  signedInAt: z.number(),
}) satisfies z.ZodMiniType<Session>;

/** Reads a stored session; undefined where the text is not one this version understands. */
export function parseSession(text: string): Session | undefined {
  try {
    const session = sessionSchema.parse(JSON.parse(text));
    return { ...session, account: shown(session.account) };
  } catch {
    return undefined;
  }
}
