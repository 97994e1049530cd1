import type { TenantAccount } from './accounts.ts';

/** What the tenant registers as an API: Auth0's "identifier" is the audience of its tokens. */
export interface TenantApi {
  readonly identifier: string;
  readonly scopes: readonly string[];
  /** Seconds that its access tokens live; those of the tenant where absent. */
  readonly lifetime?: number;
}

/** What a refresh token may be exchanged for, beyond what was asked for at the sign-in. */
export interface AudienceAndScopes {
  readonly audience: string;
  readonly scopes: readonly string[];
}

export interface TenantOrganization {
  /** `org_…` */
  readonly id: string;
  /** In lower case, as Auth0's are. */
  readonly name: string;
  /** The `sub`s of its members at the start. */
  readonly members: readonly string[];
  /** Whether it lets third-party clients in ({@link TenantOptions.thirdParty}); Auth0's does not by default. */
  readonly allowsThirdParties?: boolean;
}

export interface ThirdParty {
  /** The APIs that the client was given access to (Auth0's client grants). Others it cannot name. */
  readonly grants: readonly AudienceAndScopes[];
  /**
   * What becomes of `openid`, `profile` and `email`. Auth0 ignores them and gives no ID token; `refused` answers
   * `invalid_scope`, for a tenant that does.
   */
  readonly identityScopes?: 'ignored' | 'refused';
}

/** An application of the team's own, registered by hand: public, native, and first-party. */
interface RegisteredClient {
  readonly clientId: string;
  readonly redirectUris: readonly string[];
}

/** How applications that nobody has told the tenant's people of may become its clients. All of them are third parties. */
export interface RegistrationOptions {
  /**
   * Auth0's switch "Dynamic Client Registration (DCR)". Auth0's discovery document names the endpoint also where it is
   * off (`false`); without the option this one does not.
   */
  readonly dynamicRegistration?: boolean;
  /**
   * The client ID metadata documents (CIMD) that an administrator has imported, by address. With the option, even an
   * empty one, discovery says that such documents are supported, as with Auth0's switch for them; others are refused.
   * The tenant itself stands in for the hosts: no test reaches the internet.
   */
  readonly metadataDocuments?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Auth0's "Default Permissions for Third-Party Applications", of each API. Without them such clients reach none. */
  readonly thirdPartyDefaults?: readonly AudienceAndScopes[];
  /** Clients beside the one that the tenant names. */
  readonly clients?: readonly RegisteredClient[];
  /** `false`: without Auth0's "Resource Parameter Compatibility Profile", where `resource` (RFC 8707) is not read. */
  readonly resourceParameter?: boolean;
}

export interface TenantOptions extends RegistrationOptions {
  /** 0 takes a free one. */
  readonly port?: number;
  /** Where it listens, and the issuer's host: `127.0.0.2` where an editor would forward `localhost`. */
  readonly host?: string;
  /** `https://name:port` of what speaks TLS before it ({@link startTlsFront}): its issuer is there. */
  readonly address?: string;
  /** Seconds. */
  readonly tokenLifetime?: number;
  /** Accepts every redirect URI, for the browser-hosted editor, which cannot have one registered. */
  readonly anyRedirectUri?: boolean;
  readonly redirectUris?: readonly string[];
  /** `false` where callbacks do not say who issued their code, as Auth0's do not today. */
  readonly sendsIss?: boolean;
  /** A file that keeps sessions and keys across restarts; nothing is kept without it. */
  readonly stateFile?: string;
  /**
   * APIs beside the demo one, which `tenant.audience` names. With this option, even an empty one, tokens are as
   * Auth0's are: `aud` names the tenant's userinfo too where `openid` was asked for, and a refresh ignores an audience
   * and scopes that it cannot give.
   * @example startTenant({ apis: [{ identifier: 'https://notes.example/mcp', scopes: ['notes:read'], lifetime: 60 }] })
   */
  readonly apis?: readonly TenantApi[];
  /** The audience of whoever names none (Auth0's tenant setting); without it they get a token for userinfo alone. */
  readonly defaultAudience?: string;
  /**
   * Multi-resource refresh tokens (MRRT): the refresh grant takes `audience` and `scope` within these policies. Any
   * other audience is ignored: the answer is a token for the audience of the sign-in. Without the option all are.
   * @example startTenant({ apis: [notes], mrrt: [{ audience: notes.identifier, scopes: ['notes:read'] }] })
   */
  readonly mrrt?: readonly AudienceAndScopes[];
  /**
   * Organizations: `organization` at the sign-in must name one that the person is a member of, and the tokens then
   * have its `org_id`. `tenant.invite(id)` makes an invitation link.
   * @example startTenant({ organizations: [{ id: 'org_acme', name: 'acme', members: ['auth0|ada'] }] })
   */
  readonly organizations?: readonly TenantOrganization[];
  /** Auth0's "Use Organization Names in Authentication API": `organization` may be a name; tokens have `org_name`. */
  readonly organizationNames?: boolean;
  /** Refuses a sign-in that names no organization. */
  readonly organizationRequired?: boolean;
  /** Pushed authorization requests (PAR): `required` refuses every other authorization request. */
  readonly pushedRequests?: 'offered' | 'required';
  /**
   * Step-up: `acr_values` with {@link multiFactor} asks for a second factor, a page with one button, and tokens say
   * `acr`, `amr` and `auth_time`. {@link stepUpChallenge} is the API's side. Without it Auth0 ignores `acr_values`.
   */
  readonly secondFactor?: boolean;
  /** The client is a third party's in Auth0's strict mode: no device code, no ID token, a client grant for each API. */
  readonly thirdParty?: ThirdParty;
  /** Allowed Logout URLs. With this option `/v2/logout` refuses every other, as `/oidc/logout` always does. */
  readonly logoutUrls?: readonly string[];
  /** `false` leaves `end_session_endpoint` out of discovery, as a switch of Auth0's does; `/oidc/logout` is still there. */
  readonly endSessionInDiscovery?: boolean;
  /**
   * Rotation overlap in seconds: the last refresh token is taken again for that long after its use, and gets another
   * successor. One before the last ends the family. Without it, as with 0, a second use always does.
   */
  readonly refreshTokenOverlap?: number;
  /**
   * People beside the demo user. One with a password and the address of {@link TenantOptions.googleAccount} is another
   * account than that one: `auth0|…` and `google-oauth2|…`.
   */
  readonly accounts?: readonly TenantAccount[];
  /** Whom the Google stand-in knows, where not `googleUser`; sign in with `{ google: { email, password } }`. */
  readonly googleAccount?: { readonly email: string; readonly name: string; readonly password: string };
}

/** What a test may assert of a tenant's work, since the start or the last reset. */
export interface TenantCounts {
  /** Pages that a person was shown, by name: `login`, `signup`, `second-factor`, `consent`, `declined`, `logout`. */
  readonly pages: Readonly<Record<string, number>>;
  /** Times that somebody said who they are, at the tenant or at Google. */
  readonly signIns: number;
  /** Sign-ins that the browser's session answered without a page. */
  readonly passedThrough: number;
  /** Refreshes by the audience of the token that they gave. */
  readonly refreshes: Readonly<Record<string, number>>;
  readonly pushedRequests: number;
  readonly logouts: number;
  readonly acceptedInvitations: number;
}
