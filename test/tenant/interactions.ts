import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import { text } from 'node:stream/consumers';
import type { Accounts } from './accounts.ts';
import { consentOf, type Consents } from './consents.ts';
import type { Counts } from './counts.ts';
import type { Organizations } from './organizations.ts';
import { consentPage, loginPage, page, secondFactorPage, signupPage } from './pages.ts';
import { multiFactor } from './signInPolicy.ts';

/** Where "Continue with Google" leads; absent at the Google stand-in itself. */
export interface Federation {
  /** The address at the other provider, for the interaction that waits. */
  begin(uid: string): Promise<string>;
  /** Who came back, and for which interaction. */
  finish(callback: URL): Promise<{ uid: string; sub: string }>;
}

export interface InteractionOptions {
  readonly name: string;
  readonly accounts: Accounts;
  readonly federation?: Federation;
  readonly organizations?: Organizations;
  readonly counts?: Counts;
  readonly consents?: Consents;
}

/** Adds the login pages to a provider: log in, sign up, go on with Google, cancel. */
export function addInteractions(
  provider: Provider,
  { name, accounts, federation, organizations, counts, consents }: InteractionOptions,
): void {
  /** Who came back from Google, by the interaction it was for; taken once. */
  const federated = new Map<string, string>();

  provider.use(async (ctx, next) => {
    if (federation && ctx.path === '/login/callback') {
      const { uid, sub } = await federation.finish(ctx.URL);
      federated.set(uid, sub);
      ctx.redirect(`/interaction/${uid}/federated`);
      return;
    }
    const match = /^\/interaction\/([\w-]+)(?:\/([\w-]+))?$/.exec(ctx.path);
    if (!match?.[1]) {
      await next();
      return;
    }
    await interact(ctx, match[1], match[2]);
  });

  async function interact(ctx: Context, uid: string, action: string | undefined): Promise<void> {
    const { params, prompt, session } = await provider.interactionDetails(ctx.req, ctx.res);
    const form = new URLSearchParams(ctx.method === 'POST' ? await text(ctx.req) : '');
    const field = (key: string) => form.get(key) ?? '';
    const path = `/interaction/${uid}`;
    const view = { tenant: name, action: path, google: federation !== undefined };
    const show = (pageName: string, html: string) => {
      counts?.addPage(pageName);
      ctx.type = 'html';
      ctx.body = html;
    };
    const showLogin = (more: { email?: string; problem?: string } = {}) => {
      show('login', loginPage({ ...view, ...more }));
    };
    const showSignup = (more: { email?: string; problem?: string } = {}) => {
      show('signup', signupPage({ ...view, ...more }));
    };
    const finish = async (result: Parameters<typeof provider.interactionFinished>[2]) => {
      ctx.respond = false;
      await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: true });
    };
    const consent = (accountId = session?.accountId) => consentOf(params, accountId);
    // Whoever must be asked is asked on a page of its own, once it is known who it is.
    const logIn = (accountId: string) =>
      finish({ login: { accountId }, ...(!consents?.areNeeded(consent(accountId)) && { consent: {} }) });

    function showFirst({ login_hint, invitation, screen_hint }: Record<string, unknown>): void {
      const invitee = typeof invitation === 'string' ? organizations?.invitee(invitation) : undefined;
      const email = invitee ?? (typeof login_hint === 'string' ? login_hint : '');
      const isNew = invitee !== undefined && !accounts.hasPassword(invitee);
      if (screen_hint === 'signup' || isNew) showSignup({ email });
      else showLogin({ email });
    }

    async function askForConsent(): Promise<void> {
      if (!consents?.areNeeded(consent())) return finish({ consent: {} });
      const { clientId, audience, scopes } = consent();
      const application = (await provider.Client.find(clientId))?.clientName ?? clientId;
      show('consent', consentPage({ ...view, application, audience, scopes }));
    }

    switch (action) {
      case undefined:
        if (prompt.name === 'consent') return askForConsent();
        if (prompt.name === 'second-factor') return show('second-factor', secondFactorPage(view));
        if (federation && params['connection'] === 'google-oauth2') {
          ctx.redirect(await federation.begin(uid));
          return;
        }
        return showFirst(params);
      case 'to-signup':
        return showSignup();
      case 'google':
        if (federation) ctx.redirect(await federation.begin(uid));
        return;
      case 'federated': {
        const sub = federated.get(uid);
        federated.delete(uid);
        return sub ? logIn(sub) : showLogin({ problem: 'Google did not say who you are.' });
      }
      case 'login': {
        const account = accounts.logIn(field('email'), field('password'));
        return account
          ? logIn(account.sub)
          : showLogin({ email: field('email'), problem: 'Wrong e-mail address or password.' });
      }
      case 'signup': {
        const account = accounts.signUp(field('name'), field('email'), field('password'));
        return account
          ? logIn(account.sub)
          : showSignup({ problem: 'That e-mail address is taken, or the password is too short.' });
      }
      case 'second-factor':
        return finish({
          login: { accountId: session?.accountId ?? '', acr: multiFactor, amr: ['mfa'] },
          consent: {},
        });
      case 'accept':
        consents?.give(consent());
        return finish({ consent: {} });
      case 'decline':
        // Auth0 leads nobody back to a third party without a yes ("open redirect protection").
        return show('declined', page('Authorization was declined', '<p>You may close this page.</p>'));
      case 'cancel':
        return finish({ error: 'access_denied', error_description: 'User did not authorize the request' });
      default:
        ctx.status = 404;
    }
  }
}
