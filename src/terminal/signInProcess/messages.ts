import * as z from 'zod/mini';
import type { RequestElsewhere } from '../../sessions/signInElsewhere.ts';
import { newsFields, type SignInNews } from '../../sessions/signInNews.ts';

/** What `cli.ts` is started with to be that process; no command, and nothing else is among its arguments. */
export const signInArgument = 'sign-in-process';

/** Longest message (characters) that is read: an environment may be long. */
export const longestMessage = 16 * 1024 * 1024;

/** What the process is told, as the one line of its stdin. */
export interface SignInRequest extends RequestElsewhere {
  /** Port of the loopback callback. */
  readonly callbackPort: number;
  /** What the browser and the way to the tenant depend on; not what decides where to sign in. */
  readonly env: Readonly<Record<string, string>>;
}

/** What it says, each as a line of its stdout. No token, code or verifier is ever in it. */
export type ProcessMessage =
  | { readonly type: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly message: string }
  | ({ readonly type: 'progress' } & Readonly<SignInNews>)
  | { readonly type: 'done'; readonly session: string }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

const requestSchema = z.object({
  tenant: z.object({
    domain: z.string(),
    clientId: z.string(),
    audience: z.string(),
    organization: z.optional(z.string()),
  }),
  account: z.optional(z.string()),
  organization: z.optional(z.string()),
  audience: z.optional(z.string()),
  scopes: z.optional(z.array(z.string())),
  hints: z.optional(
    z.object({
      signup: z.optional(z.boolean()),
      connection: z.optional(z.string()),
      loginHint: z.optional(z.string()),
      prompt: z.optional(z.literal('login')),
      organization: z.optional(z.string()),
      invitation: z.optional(z.string()),
      organizationName: z.optional(z.string()),
      acrValues: z.optional(z.string()),
      maxAge: z.optional(z.int()),
    }),
  ),
  known: z.array(z.string()),
  callbackPort: z.int().check(z.gte(1), z.lte(65_535)),
  env: z.record(z.string(), z.string()),
}) satisfies z.ZodMiniType;

const messageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('log'),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: z.string(),
  }),
  z.object({ type: z.literal('progress'), ...newsFields }),
  z.object({ type: z.literal('done'), session: z.string() }),
  z.object({ type: z.literal('failed'), code: z.string(), message: z.string() }),
]) satisfies z.ZodMiniType<ProcessMessage>;

/** @throws ZodError, SyntaxError */
export function parseRequest(line: string): SignInRequest {
  // What is optional in it is absent: JSON has no undefined.
  return requestSchema.parse(JSON.parse(line)) as SignInRequest;
}

/** @returns undefined where the line is not a message of ours */
export function parseMessage(line: string): ProcessMessage | undefined {
  try {
    return messageSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
