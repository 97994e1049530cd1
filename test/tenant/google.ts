import { randomUUID } from 'node:crypto';
import * as client from 'openid-client';
import { createAccounts, googleUser, type Accounts } from './accounts.ts';
import { createCounts } from './counts.ts';
import { addInteractions, type Federation } from './interactions.ts';
import { openState } from './keptState.ts';
import { listenOnLoopback, type LoopbackServer } from './loopback.ts';
import { createOrganizations } from './organizations.ts';
import { createProvider } from './provider.ts';
import { keptSigningKey } from './signingKeys.ts';

const clientId = 'demo-tenant';

/** Starts the second OpenID provider, which stands in for Google and knows one person, Google's `104242`. */
export async function startGoogle(
  host: string,
  tenantCallback: string,
  person = googleUser,
): Promise<LoopbackServer & { issuer: string }> {
  const server = await listenOnLoopback(0, host);
  const issuer = `http://${host}:${String(server.port)}/`;
  const state = openState(':memory:');

  function createAnswer() {
    const accounts = createAccounts();
    accounts.add({ sub: '104242', ...person });
    const provider = createProvider({
      issuer,
      clientId,
      redirectUris: [tenantCallback],
      anyRedirectUri: false,
      applicationType: 'web',
      apis: [],
      tokenLifetime: () => 3_600,
      accounts,
      jwks: { keys: [keptSigningKey('google-1')] },
      cookieKey: randomUUID(),
      state,
      options: {},
      organizations: createOrganizations({}, state),
      counts: createCounts(),
    });
    addInteractions(provider, { name: 'Google (stand-in)', accounts });
    return provider.callback();
  }
  // Most tests never go there, and a provider takes its time to make.
  let answer: ReturnType<typeof createAnswer> | undefined;
  server.serve((request, response) => void (answer ??= createAnswer())(request, response));
  return {
    ...server,
    issuer,
    async close() {
      await server.close();
      state.close();
    },
  };
}

/** The tenant's side of "Continue with Google": authorization code with PKCE, at the other provider. */
export function federateWith(issuer: string, tenantCallback: string, accounts: Accounts): Federation {
  const waiting = new Map<string, { uid: string; verifier: string }>();
  let discovered: Promise<client.Configuration> | undefined;
  // At the first need only: whoever starts a tenant may then be busy for longer than an answer may take.
  function discover(): Promise<client.Configuration> {
    discovered ??= client.discovery(new URL(issuer), clientId, undefined, client.None(), {
      execute: [client.allowInsecureRequests],
    });
    return discovered;
  }
  return {
    async begin(uid) {
      const verifier = client.randomPKCECodeVerifier();
      const state = client.randomState();
      waiting.set(state, { uid, verifier });
      return client.buildAuthorizationUrl(await discover(), {
        redirect_uri: tenantCallback,
        scope: 'openid profile email',
        state,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).href;
    },
    async finish(callback) {
      const state = callback.searchParams.get('state') ?? '';
      const begun = waiting.get(state);
      waiting.delete(state);
      if (!begun) throw new Error('This Google sign-in is not known. Start again.');
      const current = new URL(tenantCallback);
      current.search = callback.search;
      const tokens = await client.authorizationCodeGrant(await discover(), current, {
        expectedState: state,
        pkceCodeVerifier: begun.verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      const account = accounts.federate(
        claims?.sub ?? '',
        textOf(claims?.['email']),
        textOf(claims?.['name']),
      );
      return { uid: begun.uid, sub: account.sub };
    },
  };
}

function textOf(claim: unknown): string {
  return typeof claim === 'string' ? claim : '';
}
