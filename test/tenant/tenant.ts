import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { createLocalJWKSet, importJWK, jwtVerify, SignJWT, type JSONWebKeySet, type JWTPayload } from 'jose';
import { createAccounts, demoUser } from './accounts.ts';
import { callback } from './callbackPort.ts';
import { createConsents } from './consents.ts';
import { createCounts } from './counts.ts';
import { federateWith, startGoogle } from './google.ts';
import { addInteractions } from './interactions.ts';
import { openState } from './keptState.ts';
import { addLogout } from './logout.ts';
import { listenOnLoopback } from './loopback.ts';
import type { TenantCounts, TenantOptions } from './options.ts';
import { createOrganizations, type InvitationOptions } from './organizations.ts';
import { createProvider } from './provider.ts';
import { registeredCallbacks } from './registeredCallbacks.ts';
import { keptSigningKey, newSigningKey } from './signingKeys.ts';
import { thirdPartiesOf } from './thirdParty.ts';

/** What a gateway, a limit or a rule answers in place of the tenant; a `reset` breaks the connection. */
export type ScriptedAnswer =
  'reset' | { readonly status: number; readonly headers?: Record<string, string>; readonly body: unknown };

export type { TenantOptions } from './options.ts';

type TenantMode = 'normal' | 'down' | 'slow' | 'garbage';

export interface DemoTenant {
  /** `http://host:port`, as `AUTH0_DOMAIN` takes it. */
  readonly domain: string;
  readonly clientId: string;
  readonly audience: string;
  /** With a trailing slash. */
  readonly issuer: string;
  readonly port: number;
  readonly user: typeof demoUser;
  /** Requests since the start or the last reset, by endpoint, and of the token endpoint by grant type too. */
  counters(): Record<string, number>;
  /** What was done since the start or the last reset: pages, sign-ins, refreshes by audience. */
  counts(): TenantCounts;
  /** Resets {@link counts} too. */
  resetCounters(): void;
  setTokenLifetime(seconds: number): void;
  /** `slow` answers after `milliseconds`; `down` breaks every connection; `garbage` answers with a page. */
  setMode(mode: TenantMode, milliseconds?: number): void;
  /** The next token request is carried out, but its answer is lost. */
  dropNextTokenAnswer(): void;
  /** The next token requests are answered with these, one each, and not carried out. */
  answerTokenRequests(answers: readonly ScriptedAnswer[]): void;
  /** Token requests are carried out, but answered only at {@link releaseTokenAnswers}. */
  holdTokenAnswers(): void;
  releaseTokenAnswers(): void;
  /** Ends every session begun since the start, or one person's. */
  revokeSessions(sub?: string): Promise<void>;
  /** How many sessions (families of refresh tokens) are alive. */
  liveSessions(): Promise<number>;
  /** Makes an invitation to an organization, by its id, and answers the link that would be sent. */
  invite(organizationId: string, options?: InvitationOptions): string;
  /** Publishes another key, with which {@link sign} signs from now on. */
  rotateKeys(): void;
  /** Publishes the newest key alone: every other one is withdrawn, and what it signed with it. */
  withdrawKeys(): void;
  /** A token signed by the tenant; the claims and header parameters given replace the usual ones. */
  sign(claims: JWTPayload, header?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

export const clientId = 'demo-native-client';
export const audience = 'https://api.demo.omnispindle.example/';

const redirects = [...registeredCallbacks, callback];

const endpoints: Record<string, string> = {
  '/authorize': 'authorize',
  '/oauth/token': 'token',
  '/oauth/device/code': 'device_code',
  '/oauth/par': 'par',
  '/oauth/revoke': 'revoke',
  '/userinfo': 'userinfo',
  '/oidc/register': 'register',
  '/v2/logout': 'logout',
  '/oidc/logout': 'logout',
  '/activate': 'activate',
  '/.well-known/jwks.json': 'jwks',
  '/.well-known/openid-configuration': 'discovery',
};

/** Starts a tenant that behaves as Auth0 does, on loopback, with knobs for what tests need to happen. */
export async function startTenant(options: TenantOptions = {}): Promise<DemoTenant> {
  const host = options.host ?? 'localhost';
  let lifetime = options.tokenLifetime ?? 3_600;
  let mode: TenantMode = 'normal';
  let slowness = 0;
  let dropAnswer = false;
  let script: readonly ScriptedAnswer[] = [];
  let held: PromiseWithResolvers<void> | undefined;
  let counts: Record<string, number> = {};
  const state = openState(options.stateFile ?? ':memory:');
  const keys = state.keep('keys', () => [keptSigningKey('tenant-1')]);
  let made = keys.length;
  const sessions = new Map<string, string>();

  const server = await listenOnLoopback(options.port ?? 0, host);
  const domain = options.address ?? `http://${host}:${String(server.port)}`;
  const issuer = `${domain}/`;
  const accounts = createAccounts();
  accounts.add({ sub: 'auth0|ada', ...demoUser });
  for (const account of options.accounts ?? []) accounts.add(account);
  const google = await startGoogle(host, `${issuer}login/callback`, options.googleAccount);
  const organizations = createOrganizations(options, state);
  const did = createCounts();
  const provider = createProvider({
    issuer,
    clientId,
    redirectUris: options.redirectUris ?? redirects,
    anyRedirectUri: options.anyRedirectUri ?? false,
    applicationType: 'native',
    apis: [{ identifier: audience, scopes: ['read:todos', 'write:todos'] }, ...(options.apis ?? [])],
    tokenLifetime: () => lifetime,
    accounts,
    jwks: { keys: [...keys] },
    cookieKey: state.keep('cookieKey', randomUUID),
    state,
    sendsIss: options.sendsIss ?? true,
    organizations,
    counts: did,
    options,
  });
  // It believes what stands before it.
  provider.proxy = options.address !== undefined;
  addLogout(provider, { clientId, options, counts: did });
  addInteractions(provider, {
    name: 'the demo tenant',
    accounts,
    organizations,
    counts: did,
    consents: createConsents(state, thirdPartiesOf(clientId, options)),
    federation: federateWith(google.issuer, `${issuer}login/callback`, accounts),
  });
  provider.on('refresh_token.saved', token => {
    if (token.grantId) sessions.set(token.grantId, token.accountId);
  });
  provider.on('grant.success', ctx => {
    count(`token:${String(ctx.oidc.params?.['grant_type']).replace(/^.*:/, '')}`);
  });
  const callback = provider.callback();

  function count(name: string): void {
    counts[name] = (counts[name] ?? 0) + 1;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', issuer);
    if (pathname === '/__control') return control(request, response);
    const endpoint = endpoints[pathname];
    // What asks without showing the person anything is no visit.
    if (endpoint) count(searchParams.get('prompt') === 'none' ? `${endpoint}:none` : endpoint);
    const [scripted, ...later] = endpoint === 'token' ? script : [];
    if (scripted !== undefined) {
      script = later;
      recite(scripted, request, response);
      return;
    }
    if (mode === 'down') {
      request.socket.destroy();
    } else if (mode === 'garbage') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>It works!</h1>');
    } else {
      if (mode === 'slow') await delay(slowness);
      if (pathname === '/.well-known/jwks.json') return publishKeys(response);
      if (pathname === '/userinfo') return sayWhoItIs(request, response);
      if (endpoint === 'token' && dropAnswer) {
        dropAnswer = false;
        response.end = () => response.destroy();
      } else if (endpoint === 'token' && held) {
        endAfter(response, held.promise);
      }
      await callback(request, response);
    }
  }

  function recite(answer: ScriptedAnswer, request: IncomingMessage, response: ServerResponse): void {
    if (answer === 'reset') {
      request.socket.destroy();
      return;
    }
    const { status, headers, body } = answer;
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  function endAfter(response: ServerResponse, moment: Promise<void>): void {
    const end = response.end.bind(response) as (...body: unknown[]) => ServerResponse;
    response.end = (...body: unknown[]) => {
      void moment.then(() => end(...body));
      return response;
    };
  }

  const publicKeys = () =>
    ({ keys: keys.map(({ kty, n, e, kid, use, alg }) => ({ kty, n, e, kid, use, alg })) }) as JSONWebKeySet;

  function publishKeys(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/jwk-set+json' });
    response.end(JSON.stringify(publicKeys()));
  }

  /** Auth0's userinfo (API reference, GET /userinfo), which also takes a token that is for an API. */
  async function sayWhoItIs({ headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = headers.authorization?.replace(/^Bearer /, '') ?? '';
    const claims = await jwtVerify(token, createLocalJWKSet(publicKeys()), { issuer }).then(
      ({ payload }) => payload,
      () => undefined,
    );
    const account = claims?.sub === undefined ? undefined : accounts.find(claims.sub);
    // Auth0's userinfo is not there for third parties.
    if (!account || thirdPartiesOf(clientId, options)(String(claims?.['azp']))) {
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end('Unauthorized');
      return;
    }
    const { sub, email, name } = account;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ sub, email, email_verified: true, name }));
  }

  async function control(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { op, args } = JSON.parse(await text(request)) as { op: keyof typeof knobs; args: unknown[] };
    const result = await (knobs[op] as (...args: unknown[]) => unknown)(...args);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result ?? null));
  }

  const knobs = {
    counters: () => ({ ...counts }),
    resetCounters() {
      counts = {};
      did.reset();
    },
    counts: did.read,
    invite: organizations.invite,
    setTokenLifetime(seconds: number) {
      lifetime = seconds;
    },
    setMode(next: TenantMode, milliseconds = 2_000) {
      mode = next;
      slowness = milliseconds;
    },
    dropNextTokenAnswer() {
      dropAnswer = true;
    },
    answerTokenRequests(answers: readonly ScriptedAnswer[]) {
      script = answers;
    },
    holdTokenAnswers() {
      held ??= Promise.withResolvers();
    },
    releaseTokenAnswers() {
      held?.resolve();
      held = undefined;
    },
    async revokeSessions(sub?: string) {
      for (const [grantId, accountId] of sessions) {
        if (sub !== undefined && sub !== accountId) continue;
        await provider.RefreshToken.revokeByGrantId(grantId);
        await (await provider.Grant.find(grantId))?.destroy();
        sessions.delete(grantId);
      }
    },
    async liveSessions() {
      const grants = await Promise.all([...sessions.keys()].map(id => provider.Grant.find(id)));
      return grants.filter(grant => grant !== undefined).length;
    },
    rotateKeys() {
      keys.push(newSigningKey(`tenant-${String(++made)}`));
    },
    withdrawKeys() {
      keys.splice(0, keys.length - 1);
    },
    async sign(claims: JWTPayload, header: Record<string, unknown> = {}) {
      const key = keys[keys.length - 1] ?? {};
      // jose signs what it does not know only where it is told to.
      const known = Array.isArray(header['crit']) ? header['crit'].map(String) : [];
      const now = Math.floor(Date.now() / 1000);
      const usual = {
        iss: issuer,
        aud: audience,
        sub: 'auth0|ada',
        iat: now,
        exp: now + lifetime,
        azp: clientId,
      };
      return new SignJWT({ ...usual, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: String(key['kid']), ...header })
        .sign(await importJWK(key, 'RS256'), { crit: Object.fromEntries(known.map(name => [name, true])) });
    },
  };

  server.serve((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });

  return {
    domain,
    clientId,
    audience,
    issuer,
    port: server.port,
    user: demoUser,
    ...knobs,
    async close() {
      await Promise.all([server.close(), google.close()]);
      state.close();
    },
  };
}
