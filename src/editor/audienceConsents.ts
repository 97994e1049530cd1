import * as z from 'zod/mini';
import type { Memento } from 'vscode';
import { extraScopes } from '../sessions/accessTokens.ts';

/** For whom an extension asks for a token, and for what. */
interface ConsentRequest {
  /** The account's id in the editor. */
  readonly account: string;
  readonly audience: string;
  readonly scopes: readonly string[];
}

/** Which APIs the person agreed to give other extensions tokens for. */
export interface AudienceConsents {
  /** Whether they agreed to that API with all these scopes. */
  covers(request: ConsentRequest): boolean;
  add(request: ConsentRequest): Promise<void>;
}

const key = 'audienceConsents';
/** How many are remembered; the person is asked again for those before. */
const mostConsents = 256;

const consentsSchema = z.array(
  z.object({
    issuer: z.string(),
    account: z.string(),
    audience: z.string(),
    scopes: z.array(z.string()),
  }),
);

/**
 * Keeps the answers in the extension's global state. The editor asks whether an extension may use an account, whatever
 * the API: without an answer of its own each API would be open to whoever may use the account.
 * @param issuer the tenant's issuer now
 */
export function createAudienceConsents(state: Memento, issuer: () => string): AudienceConsents {
  const all = () => consentsSchema.safeParse(state.get(key)).data ?? [];
  const isFor =
    ({ account, audience }: ConsentRequest) =>
    (consent: z.infer<typeof consentsSchema>[number]) =>
      consent.issuer === issuer() && consent.account === account && consent.audience === audience;
  return {
    covers(request) {
      const agreed = all().find(isFor(request));
      return (
        agreed !== undefined && extraScopes(request.scopes).every(scope => agreed.scopes.includes(scope))
      );
    },
    async add(request) {
      const { account, audience } = request;
      const before = all();
      const agreed = before.find(isFor(request));
      const scopes = [...new Set([...(agreed?.scopes ?? []), ...extraScopes(request.scopes)])];
      const others = before.filter(consent => consent !== agreed);
      await state.update(
        key,
        [{ issuer: issuer(), account, audience, scopes }, ...others].slice(0, mostConsents),
      );
    },
  };
}
