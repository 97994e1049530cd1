import Provider, { errors, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { Accounts } from './accounts.ts';
import { createApis, identityScopes } from './apis.ts';
import { checkedParameters, grantEverything, noteSignIn } from './authorization.ts';
import { createConsents } from './consents.ts';
import type { Counts } from './counts.ts';
import type { KeptState } from './keptState.ts';
import type { TenantApi, TenantOptions } from './options.ts';
import type { Organizations } from './organizations.ts';
import { escapeHtml, page } from './pages.ts';
import { metadataHosts, registeredClients, registrationFeatures, registrationPath } from './registration.ts';
import { translateRequests } from './requests.ts';
import { withOverlap } from './rotation.ts';
import { multiFactor, signInPolicy } from './signInPolicy.ts';
import { allowedScopes, thirdPartiesOf } from './thirdParty.ts';
import { shapeTokens } from './tokens.ts';

export interface ProviderOptions {
  /** With a trailing slash, as Auth0's are. */
  readonly issuer: string;
  readonly clientId: string;
  /** Exactly these are accepted, whatever the port. */
  readonly redirectUris: readonly string[];
  readonly anyRedirectUri: boolean;
  /** A native application may come back over http to this machine only (RFC 8252, section 7.3). */
  readonly applicationType: 'native' | 'web';
  readonly apis: readonly TenantApi[];
  readonly tokenLifetime: () => number;
  readonly accounts: Accounts;
  /** Auth0's paths and parameters; without it, a plain OpenID provider. */
  readonly jwks: { keys: Record<string, unknown>[] };
  readonly cookieKey: string;
  /** Whether a callback says who issued its code (RFC 9207), and the discovery document that it does. */
  readonly sendsIss?: boolean;
  /** Keeps what is to outlive the process. */
  readonly state: KeptState;
  readonly organizations: Organizations;
  readonly counts: Counts;
  /** What a test wants of Auth0. */
  readonly options: TenantOptions;
}

/** An OpenID provider with Auth0's paths, its `audience` parameter and its exact comparison of redirect URIs. */
export function createProvider(given: ProviderOptions): Provider {
  const { issuer, clientId, redirectUris, anyRedirectUri, accounts, options, organizations, counts } = given;
  const apis = createApis(given.apis);
  const thirdParties = thirdPartiesOf(clientId, options);
  const tokens = shapeTokens({ ...given, apis, thirdParties });
  const rotation = withOverlap(given.state.adapter, given.state, options.refreshTokenOverlap ?? 0);

  const configuration: Configuration = {
    clients: [
      {
        client_id: clientId,
        application_type: given.applicationType,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        response_types: ['code'],
        redirect_uris: redirectUris.filter(uri => uri.startsWith('http')),
      },
      ...registeredClients(options),
    ],
    fetch: metadataHosts(options),
    // Auth0 lets the origins of callbacks ask from a browser.
    clientBasedCORS: (_ctx, origin, client) =>
      client.redirectUris?.some(uri => URL.parse(uri)?.origin === origin) ?? false,
    jwks: given.jwks,
    // A browser sends cookies to every port of a host: of two providers on it each must have names of its own.
    cookies: { keys: [given.cookieKey], names: cookieNames(given.clientId) },
    adapter: rotation.adapter,
    routes: {
      authorization: '/authorize',
      token: '/oauth/token',
      device_authorization: '/oauth/device/code',
      pushed_authorization_request: '/oauth/par',
      registration: registrationPath,
      revocation: '/oauth/revoke',
      userinfo: '/userinfo',
      jwks: '/.well-known/jwks.json',
      code_verification: '/activate',
      end_session: '/oidc/logout',
    },
    scopes: identityScopes,
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time', 'org_id', 'org_name'],
      profile: ['name'],
      email: ['email', 'email_verified'],
    },
    ...(options.secondFactor && { acrValues: [multiFactor] }),
    conformIdTokenClaims: false,
    extraParams: checkedParameters({ ...given, apis, thirdParties }),
    pkce: { required: () => true },
    rotateRefreshToken: true,
    interactions: {
      policy: signInPolicy(options, createConsents(given.state, thirdParties)),
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
    },
    findAccount: (_ctx, sub, token) => {
      const account = accounts.find(sub);
      if (!account) return undefined;
      const { email, name } = account;
      const organization = organizations.claims(token && 'grantId' in token ? token.grantId : undefined);
      return {
        accountId: sub,
        claims: () => ({ sub, email, email_verified: true, name, ...organization }),
      };
    },
    loadExistingGrant: grantEverything({ ...given, apis, thirdParties }),
    renderError,
    ttl: {
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? given.tokenLifetime(),
      RefreshToken: 14 * 86_400,
      DeviceCode: 600,
      Grant: 14 * 86_400,
      IdToken: 3_600,
      Interaction: 3_600,
      Session: 86_400,
    },
    features: {
      devInteractions: { enabled: false },
      ...registrationFeatures(options),
      revocation: { enabled: true, allowedPolicy: () => true },
      rpInitiatedLogout: { enabled: true },
      pushedAuthorizationRequests: {
        enabled: options.pushedRequests !== undefined,
        requirePushedAuthorizationRequests: options.pushedRequests === 'required',
      },
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
          const asked = ctx.oidc.params?.['audience'];
          const wanted = typeof asked === 'string' ? asked : options.defaultAudience;
          return wanted === undefined ? (oneOf ?? []) : apis.resourceOf(wanted);
        },
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource, client) => {
          const api = apis.findResource(resource);
          if (!api) throw new errors.AccessDenied(`Service not found: ${apis.identifierOf(resource)}`);
          return {
            scope: [...identityScopes, ...allowedScopes(thirdParties(client.clientId), api)].join(' '),
            audience: api.identifier,
            accessTokenTTL: api.lifetime ?? given.tokenLifetime(),
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          };
        },
      },
    },
    formats: {
      customizers: {
        jwt: (ctx, token, parts) => {
          tokens.customize(ctx, token, parts);
        },
      },
    },
  };
  const provider = new Provider(issuer, configuration);
  // Auth0 compares redirect URIs exactly; oidc-provider lets the port of a loopback address differ.
  provider.Client.prototype.redirectUriAllowed = function isAllowed(uri) {
    if (this.clientId !== clientId) return this.redirectUris?.includes(uri) ?? false;
    return anyRedirectUri || redirectUris.includes(uri);
  };
  // Auth0's ID tokens always name the browser's session.
  Object.assign(provider.Client.prototype, { includeSid: () => true });
  provider.on('authorization.success', ctx => {
    noteSignIn(ctx, organizations, counts);
  });
  provider.on('pushed_authorization_request.success', () => {
    counts.add('pushedRequests');
  });
  provider.on('grant.success', ctx => {
    const { RotatedRefreshToken: former, RefreshToken: next } = ctx.oidc.entities;
    if (!former || !next) return;
    rotation.rotated(former.jti, next.jti);
    counts.addRefresh(tokens.givenTo(ctx.req)?.audience ?? `${issuer}userinfo`);
  });
  translateRequests(provider, { ...given, tokens, thirdParties });
  return provider;
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

function cookieNames(clientId: string): Record<'session' | 'interaction' | 'resume', string> {
  return {
    session: `${clientId}_session`,
    interaction: `${clientId}_interaction`,
    resume: `${clientId}_interaction_resume`,
  };
}
