import { decodeJwt, type JWTPayload } from 'jose';
import * as client from 'openid-client';
import { signInByForm, type CookieJar, type GooglePerson, type Person } from './browserless.ts';
import type { DemoTenant } from './tenant.ts';

interface SignInOptions {
  readonly person?: Person | GooglePerson;
  /** The browser that signs in; another one each time where absent. */
  readonly cookies?: CookieJar;
  /** Pushes the request (PAR) instead of putting it in the address. */
  readonly pushed?: boolean;
}

/** Where a browser was sent, and what the application makes of it. */
export interface SignedIn {
  readonly callback: URL;
  readonly html: string;
  redeem(): Promise<client.TokenEndpointResponse & client.TokenEndpointResponseHelpers>;
}

/** An application that knows nothing of Omnispindle: openid-client, and a browser that is walked by fetch. */
export interface Application {
  readonly configuration: client.Configuration;
  signIn(parameters?: Record<string, string>, options?: SignInOptions): Promise<SignedIn>;
  refresh(
    refreshToken: string | undefined,
    parameters?: Record<string, string>,
  ): Promise<client.TokenEndpointResponse & client.TokenEndpointResponseHelpers>;
}

export async function createApplication(tenant: DemoTenant): Promise<Application> {
  const configuration = await client.discovery(
    new URL(tenant.issuer),
    tenant.clientId,
    undefined,
    client.None(),
    { execute: [client.allowInsecureRequests] },
  );
  return {
    configuration,
    async signIn(parameters = {}, { person, cookies, pushed = false } = {}) {
      const verifier = client.randomPKCECodeVerifier();
      const request = {
        redirect_uri: 'vscode://omnispindle.omnispindle/callback',
        scope: 'openid profile email offline_access',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: 'S',
        ...parameters,
      };
      const url = pushed
        ? await client.buildAuthorizationUrlWithPAR(configuration, request)
        : client.buildAuthorizationUrl(configuration, request);
      const { url: end, html } = await signInByForm(url.href, person, cookies);
      const callback = new URL(end);
      return {
        callback,
        html,
        redeem: () =>
          client.authorizationCodeGrant(configuration, callback, {
            pkceCodeVerifier: verifier,
            expectedState: 'S',
            ...(parameters['max_age'] !== undefined && { maxAge: Number(parameters['max_age']) }),
          }),
      };
    },
    refresh: (refreshToken, parameters) =>
      client.refreshTokenGrant(configuration, refreshToken ?? '', parameters),
  };
}

/** Error and description of a callback; `[null, null]` of one that has a code. */
export function errorOf({ callback: { searchParams } }: SignedIn): [string | null, string | null] {
  return [searchParams.get('error'), searchParams.get('error_description')];
}

/** The claims of an access token. */
export function claimsOf(tokens: client.TokenEndpointResponse): JWTPayload {
  return decodeJwt(tokens.access_token);
}
