import type { Memento } from 'vscode';
import * as z from 'zod/mini';
import { extraScopes } from '../sessions/accessTokens.ts';

/** A server that the person answered a question about: by what it is, because its name may be given to another. */
export interface AskedServer {
  /** The address of a remote server, the command with its arguments of a local one. */
  readonly target: string;
  /** The API that its tokens are for. */
  readonly audience: string;
}

/** What the person has said that servers may have. */
export interface ServerAnswers {
  /** Whether a server that names no API may have tokens for that one, the tenant's default one. */
  mayHaveDefault(server: AskedServer): boolean;
  allowDefault(server: AskedServer): Promise<void>;
  /** The scopes that were allowed besides those of the settings. */
  scopes(server: AskedServer): readonly string[];
  allowScopes(server: AskedServer, scopes: readonly string[]): Promise<void>;
}

const key = 'serverAnswers';
/** How many servers are remembered; the person is asked again about those before. */
const mostServers = 256;

const answersSchema = z.array(
  z.object({
    issuer: z.string(),
    target: z.string(),
    audience: z.string(),
    isDefault: z.optional(z.boolean()),
    scopes: z.optional(z.array(z.string())),
  }),
);
type Answer = z.infer<typeof answersSchema>[number];

/**
 * Keeps the answers in the extension's global state.
 * @param issuer the tenant's issuer now
 */
export function createServerAnswers(state: Memento, issuer: () => string): ServerAnswers {
  const all = () => answersSchema.safeParse(state.get(key)).data ?? [];
  const find = ({ target, audience }: AskedServer, answers = all()) =>
    answers.find(
      answer => answer.issuer === issuer() && answer.target === target && answer.audience === audience,
    );

  async function add({ target, audience }: AskedServer, answer: Pick<Answer, 'isDefault' | 'scopes'>) {
    const before = all();
    const known = find({ target, audience }, before);
    const next = { ...known, issuer: issuer(), target, audience, ...answer };
    await state.update(key, [next, ...before.filter(each => each !== known)].slice(0, mostServers));
  }

  return {
    mayHaveDefault: server => find(server)?.isDefault ?? false,
    allowDefault: server => add(server, { isDefault: true }),
    scopes: server => find(server)?.scopes ?? [],
    async allowScopes(server, scopes) {
      const known = find(server)?.scopes ?? [];
      await add(server, { scopes: [...new Set([...known, ...extraScopes(scopes)])] });
    },
  };
}
