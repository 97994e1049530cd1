import type { IncomingMessage } from 'node:http';
import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider';
import { refreshTarget, type Apis, type Target } from './apis.ts';
import type { TenantOptions } from './options.ts';
import type { Organizations } from './organizations.ts';
import type { ThirdParties } from './thirdParty.ts';

interface TokenOptions {
  readonly issuer: string;
  readonly thirdParties: ThirdParties;
  readonly apis: Apis;
  readonly options: TenantOptions;
  readonly organizations: Organizations;
  readonly tokenLifetime: () => number;
}

/** Makes access tokens what Auth0's are, also where a refresh asks for another API's. */
export function shapeTokens({
  issuer,
  thirdParties,
  apis,
  options,
  organizations,
  tokenLifetime,
}: TokenOptions) {
  const asked = new WeakMap<IncomingMessage, { audience?: string; scope?: string }>();
  const given = new WeakMap<IncomingMessage, Target & { expiresIn: number }>();

  return {
    /** Takes out of a refresh what oidc-provider would refuse and Auth0 ignores. */
    takeTarget(request: IncomingMessage, form: URLSearchParams): void {
      const [audience, scope] = [form.get('audience'), form.get('scope')];
      form.delete('audience');
      form.delete('scope');
      asked.set(request, { ...(audience !== null && { audience }), ...(scope !== null && { scope }) });
    },

    customize(
      { req, oidc }: KoaContextWithOIDC,
      token: AccessToken | ClientCredentials,
      { payload }: { payload: Record<string, unknown> },
    ): void {
      const { RefreshToken: refreshToken, AuthorizationCode: code, DeviceCode: deviceCode } = oidc.entities;
      const source = refreshToken ?? code ?? deviceCode;
      payload['azp'] = token.clientId;
      Object.assign(payload, organizations.claims(source?.grantId));
      if (options.secondFactor) {
        Object.assign(payload, { acr: source?.acr, amr: source?.amr, auth_time: source?.authTime });
      }
      const signIn = { audience: String(token.aud), scopes: (token.scope ?? '').split(' ').filter(Boolean) };
      // Auth0 has multi-resource refresh tokens for first parties alone.
      const policies = thirdParties(token.clientId) ? [] : (options.mrrt ?? []);
      const target =
        refreshToken && options.apis ? refreshTarget(signIn, asked.get(req) ?? {}, policies, apis) : signIn;
      const expiresIn = apis.find(target.audience)?.lifetime ?? tokenLifetime();
      given.set(req, { ...target, expiresIn });
      if (!options.apis) return;
      payload['scope'] = target.scopes.join(' ') || undefined;
      payload['exp'] = Number(payload['iat']) + expiresIn;
      payload['aud'] = target.scopes.includes('openid')
        ? [target.audience, `${issuer}userinfo`]
        : target.audience;
    },

    /** What the request was given; nothing where its token is for userinfo alone. */
    givenTo: (request: IncomingMessage) => given.get(request),
  };
}
export type Tokens = ReturnType<typeof shapeTokens>;
