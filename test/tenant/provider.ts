import { generateKeyPairSync } from 'node:crypto';
import Provider, {
  errors,
  interactionPolicy,
  type Configuration,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import type { Accounts } from './accounts.ts';
import { escapeHtml, page } from './pages.ts';

export interface ProviderOptions {
  /** With a trailing slash, as Auth0's are. */
  readonly issuer: string;
  readonly clientId: string;
  /** Exactly these are accepted, whatever the port. */
  readonly redirectUris: readonly string[];
  readonly anyRedirectUri: boolean;
  /** A native application may come back over http to this machine only (RFC 8252, section 7.3). */
  readonly applicationType: 'native' | 'web';
  readonly audience: string;
  readonly tokenLifetime: () => number;
  readonly accounts: Accounts;
  /** Auth0's paths and parameters; without it, a plain OpenID provider. */
  readonly jwks: { keys: Record<string, unknown>[] };
  readonly cookieKey: string;
  /** Whether a callback says who issued its code (RFC 9207), and the discovery document that it does. */
  readonly sendsIss?: boolean;
  /** Keeps what is to outlive the process; in memory where absent. */
  readonly adapter?: Configuration['adapter'];
}

export function newSigningKey(kid: string): Record<string, unknown> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
}

/** An OpenID provider with Auth0's paths, its `audience` parameter and its exact comparison of redirect URIs. */
export function createProvider(options: ProviderOptions): Provider {
  const { issuer, clientId, redirectUris, anyRedirectUri, audience, accounts } = options;
  // The page itself asks for everything at once, as Auth0 does for first-party clients.
  const policy = interactionPolicy.base();
  policy.get('consent')?.checks.clear();

  const configuration: Configuration = {
    clients: [
      {
        client_id: clientId,
        application_type: options.applicationType,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        response_types: ['code'],
        redirect_uris: redirectUris.filter(uri => uri.startsWith('http')),
      },
    ],
    jwks: options.jwks,
    cookies: { keys: [options.cookieKey] },
    adapter: options.adapter,
    routes: {
      authorization: '/authorize',
      token: '/oauth/token',
      device_authorization: '/oauth/device/code',
      revocation: '/oauth/revoke',
      userinfo: '/userinfo',
      jwks: '/.well-known/jwks.json',
      code_verification: '/activate',
      end_session: '/oidc/logout',
    },
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    extraParams: ['audience', 'screen_hint', 'connection'],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    interactions: { policy, url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, sub) => {
      const account = accounts.find(sub);
      if (!account) return undefined;
      const { email, name } = account;
      return { accountId: sub, claims: () => ({ sub, email, email_verified: true, name }) };
    },
    loadExistingGrant: grantEverything,
    renderError,
    ttl: {
      AccessToken: () => options.tokenLifetime(),
      RefreshToken: 14 * 86_400,
      DeviceCode: 600,
      Grant: 14 * 86_400,
      IdToken: 3_600,
      Interaction: 3_600,
      Session: 86_400,
    },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: () => true },
      rpInitiatedLogout: { enabled: true },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: (ctx, form) => {
          ctx.body = page(
            'Enter your code',
            `<p>It is shown where you started to sign in.</p>${form}<button id="continue" class="main" form="op.deviceInputForm">Continue</button>`,
          );
        },
        userCodeConfirmSource: (ctx, form, _client, _info, userCode) => {
          ctx.body = page(
            'Confirm the code',
            `<p>Does your other screen show <strong>${escapeHtml(userCode)}</strong>?</p>${form}<button id="confirm" class="main" form="op.deviceConfirmForm">Confirm</button>`,
          );
        },
        successSource: ctx => {
          ctx.body = page('You are signed in', '<p>You may close this page.</p>');
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, _client, oneOf) => {
          const wanted = ctx.oidc.params?.['audience'];
          return typeof wanted === 'string' ? wanted : (oneOf ?? []);
        },
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => {
          if (resource !== audience) throw new errors.AccessDenied(`Service not found: ${resource}`);
          return {
            scope: 'openid profile email offline_access read:todos write:todos',
            audience,
            accessTokenTTL: options.tokenLifetime(),
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          };
        },
      },
    },
    formats: {
      customizers: {
        jwt: (_ctx, _token, parts) => {
          parts.payload['azp'] = clientId;
        },
      },
    },
  };
  const provider = new Provider(issuer, configuration);
  // Auth0 compares redirect URIs exactly; oidc-provider lets the port of a loopback address differ.
  provider.Client.prototype.redirectUriAllowed = uri => anyRedirectUri || redirectUris.includes(uri);
  provider.use(async (ctx, next) => {
    if (ctx.path === '/authorize') askForOfflineAccess(ctx);
    await next();
    if (options.sendsIss === false) leaveIssOut(ctx);
  });
  return provider;
}

/** oidc-provider always says who issued a code; Auth0 does not. */
function leaveIssOut(ctx: { readonly response: KoaContextWithOIDC['response']; body: unknown }): void {
  const location = URL.parse(ctx.response.get('location'));
  if (location?.searchParams.has('iss')) {
    location.searchParams.delete('iss');
    ctx.response.set('location', location.href);
  }
  const supported = 'authorization_response_iss_parameter_supported';
  if (typeof ctx.body === 'object' && ctx.body && supported in ctx.body) {
    ctx.body = { ...ctx.body, [supported]: undefined };
  }
}

/** OpenID Connect gives offline access only with consent; Auth0 gives it without asking. */
function askForOfflineAccess(ctx: { querystring: string }): void {
  const query = new URLSearchParams(ctx.querystring);
  if (!query.get('scope')?.includes('offline_access') || query.get('prompt') === 'none') return;
  query.set('prompt', [query.get('prompt'), 'consent'].filter(Boolean).join(' '));
  ctx.querystring = query.toString();
}

/** Every sign-in is a grant of its own, so that revoking one leaves the others. */
async function grantEverything(ctx: KoaContextWithOIDC) {
  const { oidc } = ctx;
  const grant = new oidc.provider.Grant({
    clientId: oidc.client?.clientId ?? '',
    accountId: oidc.session?.accountId ?? '',
  });
  grant.addOIDCScope('openid profile email offline_access');
  grant.addOIDCClaims(['name', 'email', 'email_verified']);
  for (const resource of Object.keys(oidc.resourceServers ?? {})) {
    grant.addResourceScope(resource, 'openid profile email offline_access read:todos write:todos');
  }
  await grant.save();
  return grant;
}

function renderError(ctx: KoaContextWithOIDC, _out: unknown, error: Error): void {
  const mismatch = error instanceof errors.InvalidRedirectUri;
  if (mismatch) ctx.status = 403;
  ctx.type = 'html';
  ctx.body = page(
    mismatch ? 'Callback URL mismatch.' : 'Something went wrong',
    `<p>${
      mismatch
        ? 'The provided redirect_uri is not in the list of allowed callback URLs.'
        : escapeHtml(
            error instanceof errors.OIDCProviderError
              ? `${error.error}: ${error.error_description ?? ''}`
              : error.message,
          )
    }</p>`,
  );
}
