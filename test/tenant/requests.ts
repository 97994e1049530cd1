import type { Context } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type Provider from 'oidc-provider';
import type { TenantOptions } from './options.ts';
import { askForOfflineAccess, deviceParameters, preferAudience, putForm, readForm } from './parameters.ts';
import { escapeHtml, page } from './pages.ts';
import { registrationPath, translateRegistration } from './registration.ts';
import { noDeviceCode, withoutIdentityScopes, type ThirdParties } from './thirdParty.ts';
import type { Tokens } from './tokens.ts';

interface RequestOptions {
  readonly clientId: string;
  readonly options: TenantOptions;
  readonly tokens: Tokens;
  readonly thirdParties: ThirdParties;
  readonly sendsIss?: boolean;
}

/** Stands before oidc-provider: makes of Auth0's requests what it takes, and of its answers what Auth0 gives. */
export function translateRequests(
  provider: Provider,
  { clientId, options, tokens, thirdParties, sendsIss }: RequestOptions,
): void {
  const readsForms =
    options.apis ??
    options.pushedRequests ??
    options.organizations ??
    options.secondFactor ??
    options.resourceParameter;

  provider.use(async (ctx, next) => {
    if (ctx.path === '/authorize' && ctx.method === 'GET') {
      const query = new URLSearchParams(ctx.querystring);
      translateSignIn(query);
      ctx.querystring = query.toString();
    } else if (ctx.path === registrationPath && ctx.method === 'POST') {
      if (await translateRegistration(ctx, options)) return;
    } else if (ctx.path === '/oauth/device/code' && options.thirdParty) {
      ctx.status = 403;
      ctx.body = noDeviceCode;
      return;
    } else if (ctx.method === 'POST' && readsForms) {
      await translateForm(ctx);
    }
    await next();
    showErrors(ctx as KoaContextWithOIDC);
    if (ctx.path === '/oauth/device/code') tellToPollOften(ctx);
    if (options.apis) {
      if (ctx.path === '/oauth/token') tellWhatWasGiven(ctx);
      forbidUnknownApi(ctx);
    }
    if (sendsIss === false) leaveIssOut(ctx);
    if (options.endSessionInDiscovery === false) leaveOut(ctx, 'end_session_endpoint');
  });

  async function translateForm(ctx: Context): Promise<void> {
    if (ctx.path === '/oauth/par') {
      const form = await readForm(ctx.req);
      translateSignIn(form);
      putForm(ctx.req, form);
    } else if (ctx.path === '/oauth/device/code') {
      putForm(ctx.req, deviceParameters(await readForm(ctx.req)));
    } else if (ctx.path === '/oauth/token') {
      const form = await readForm(ctx.req);
      const isRefresh = form.get('grant_type') === 'refresh_token';
      // Of a code Auth0 reads it where the code is asked for.
      if (!isRefresh || options.resourceParameter === false) form.delete('resource');
      if (isRefresh && options.apis) tokens.takeTarget(ctx.req, form);
      putForm(ctx.req, form);
    }
  }

  function translateSignIn(parameters: URLSearchParams): void {
    preferAudience(parameters);
    if (options.resourceParameter === false) parameters.delete('resource');
    const thirdParty = thirdParties(parameters.get('client_id'));
    if (thirdParty && thirdParty.identityScopes !== 'refused') withoutIdentityScopes(parameters);
    askForOfflineAccess(parameters);
  }

  /**
   * Auth0 leads nobody with an error to a third party ("open redirect protection"), where its settings do not say so:
   * those of the tenant's own client do.
   */
  function showErrors(ctx: KoaContextWithOIDC): void {
    const error = URL.parse(ctx.response.get('location'))?.searchParams;
    const client = ctx.path.startsWith('/authorize')
      ? (ctx.oidc as Partial<typeof ctx.oidc>).client
      : undefined;
    const isTrusted = client?.clientId === clientId || !thirdParties(client?.clientId);
    if (isTrusted || !error?.has('error')) return;
    ctx.remove('location');
    ctx.status = 403;
    ctx.type = 'html';
    const said = `${error.get('error') ?? ''}: ${error.get('error_description') ?? ''}`;
    ctx.body = page('Something went wrong', `<p>${escapeHtml(said)}</p>`);
  }

  /** oidc-provider tells what it would have given. */
  function tellWhatWasGiven(ctx: Context): void {
    const given = tokens.givenTo(ctx.req);
    if (!given || !isObject(ctx.body) || !('access_token' in ctx.body)) return;
    ctx.body = { ...ctx.body, scope: given.scopes.join(' '), expires_in: given.expiresIn };
  }
}

/** Auth0 has clients poll every five seconds, which nobody who waits for a test needs. */
function tellToPollOften(ctx: Context): void {
  if (isObject(ctx.body) && 'device_code' in ctx.body) ctx.body = { ...ctx.body, interval: 1 };
}

/** Auth0 answers 403 where oidc-provider answers 400. */
function forbidUnknownApi(ctx: Context): void {
  if (!isObject(ctx.body) || !('error_description' in ctx.body)) return;
  if (String(ctx.body.error_description).startsWith('Service not found')) ctx.status = 403;
}

/** oidc-provider always says who issued a code; Auth0 does not. */
function leaveIssOut(ctx: Context): void {
  const location = URL.parse(ctx.response.get('location'));
  if (location?.searchParams.has('iss')) {
    location.searchParams.delete('iss');
    ctx.response.set('location', location.href);
  }
  leaveOut(ctx, 'authorization_response_iss_parameter_supported');
}

/** Leaves a member out of what is answered. */
function leaveOut(ctx: Context, name: string): void {
  if (isObject(ctx.body) && name in ctx.body) ctx.body = { ...ctx.body, [name]: undefined };
}

function isObject(body: unknown): body is object {
  return typeof body === 'object' && body !== null;
}
