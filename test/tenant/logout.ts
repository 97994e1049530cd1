import type { Context } from 'koa';
import { decodeJwt } from 'jose';
import type Provider from 'oidc-provider';
import { text } from 'node:stream/consumers';
import type { Counts } from './counts.ts';
import type { TenantOptions } from './options.ts';
import { escapeHtml, logoutPage, page } from './pages.ts';

interface LogoutOptions {
  readonly clientId: string;
  readonly options: TenantOptions;
  readonly counts: Counts;
}

/** Adds Auth0's two logout addresses to a provider. Both end the session of the browser, and no refresh token. */
export function addLogout(provider: Provider, { clientId, options, counts }: LogoutOptions): void {
  const { logoutUrls, thirdParty } = options;

  provider.use(async (ctx, next) => {
    if (ctx.path !== '/v2/logout' && ctx.path !== '/oidc/logout') await next();
    else if (thirdParty) refuse(ctx, 'Logout is not available for third-party clients.');
    else if (ctx.path === '/v2/logout') await logOutByReturnTo(ctx);
    else await logOutByOpenId(ctx);
  });

  /** GET /v2/logout of Auth0's Authentication API. */
  async function logOutByReturnTo(ctx: Context): Promise<void> {
    const asked = new URLSearchParams(ctx.querystring);
    const returnTo = asked.get('returnTo') ?? firstAllowed(asked);
    if (returnTo !== undefined && logoutUrls && !allows(returnTo)) {
      refuse(ctx, notAllowed('returnTo', returnTo));
      return;
    }
    await endSession(ctx);
    goOn(ctx, returnTo);
  }

  /** GET and POST /oidc/logout of Auth0's Authentication API (OpenID Connect RP-Initiated Logout 1.0). */
  async function logOutByOpenId(ctx: Context): Promise<void> {
    const asked = new URLSearchParams(ctx.method === 'POST' ? await text(ctx.req) : ctx.querystring);
    const uri = asked.get('post_logout_redirect_uri') ?? firstAllowed(asked);
    if (uri !== undefined && !allows(uri)) {
      refuse(ctx, notAllowed('post_logout_redirect_uri', uri));
      return;
    }
    const session = await provider.Session.get(ctx);
    const idToken = asked.get('id_token_hint');
    const hint = asked.get('logout_hint') ?? (idToken === null ? undefined : decodeJwt(idToken)['sid']);
    const known = hint !== undefined && session.authorizations?.[clientId]?.sid === hint;
    // Who knows the session's id may end it; anybody else may only ask the person.
    if (session.accountId && !known && asked.get('confirmed') !== 'yes') {
      counts.addPage('logout');
      ctx.type = 'html';
      ctx.body = logoutPage('/oidc/logout', asked);
      return;
    }
    await endSession(ctx);
    const state = asked.get('state');
    const back = uri === undefined || state === null ? uri : withState(uri, state);
    goOn(ctx, back);
  }

  /** Without an address, Auth0 takes the first that is allowed. */
  function firstAllowed(asked: URLSearchParams): string | undefined {
    return asked.has('client_id') ? logoutUrls?.[0] : undefined;
  }

  /** Query and fragment do not count. */
  function allows(address: string): boolean {
    const asked = URL.parse(address);
    return (logoutUrls ?? []).some(
      allowed => asked !== null && withoutQuery(asked) === withoutQuery(new URL(allowed)),
    );
  }

  async function endSession(ctx: Context): Promise<void> {
    counts.add('logouts');
    const session = await provider.Session.get(ctx);
    if (session.accountId) await session.destroy();
    const name = provider.cookieName('session');
    ctx.set(
      'set-cookie',
      [name, `${name}.sig`].map(cookie => `${cookie}=; path=/; max-age=0`),
    );
  }
}

function goOn(ctx: Context, address: string | undefined): void {
  if (address === undefined) {
    ctx.body = 'OK';
  } else {
    // A redirect of Koa's normalises the address; an application's own scheme must stay as it is.
    ctx.status = 302;
    ctx.set('location', address);
    ctx.body = '';
  }
}

function refuse(ctx: Context, why: string): void {
  ctx.status = 400;
  ctx.type = 'html';
  ctx.body = page('Something went wrong', `<p>${escapeHtml(why)}</p>`);
}

function notAllowed(parameter: string, address: string): string {
  return `The "${parameter}" querystring parameter "${address}" is not defined as a valid URL in "Allowed Logout URLs".`;
}

function withoutQuery({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}

function withState(address: string, state: string): string {
  const back = new URL(address);
  back.searchParams.set('state', state);
  return back.href;
}
