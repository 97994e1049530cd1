const style = `
:root { --paper:#eef1f6; --card:#fff; --ink:#1d2433; --quiet:#5b6675; --line:#cfd6e1; --brand:#5b3df5; --on-brand:#fff; --bad:#b3261e }
@media (prefers-color-scheme: dark) { :root { --paper:#12151c; --card:#1c212b; --ink:#eef1f5; --quiet:#a6b0bd; --line:#39414f; --brand:#9d8bff; --on-brand:#14101f; --bad:#ff8a80 } }
* { box-sizing: border-box }
body { margin:0; min-height:100vh; display:grid; place-items:center; background:var(--paper); color:var(--ink); font:16px/1.5 system-ui,sans-serif }
main { width:min(24rem,92vw); padding:2rem; border-radius:14px; background:var(--card); box-shadow:0 4px 24px rgb(0 0 0 / 14%) }
h1 { margin:0 0 .25rem; font-size:1.4rem } p { margin:0 0 1rem; color:var(--quiet) }
label { display:block; margin-bottom:.75rem; font-size:.9rem } input { width:100%; margin-top:.25rem; padding:.6rem .7rem; border:1px solid var(--line); border-radius:8px; background:transparent; color:inherit; font:inherit }
button { width:100%; margin-top:.5rem; padding:.65rem; border:1px solid var(--line); border-radius:8px; background:transparent; color:inherit; font:inherit; cursor:pointer }
button.main { border-color:var(--brand); background:var(--brand); color:var(--on-brand); font-weight:600 }
.problem { color:var(--bad) }`;

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, character => `&#${String(character.charCodeAt(0))};`);
}

export function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${escapeHtml(title)}</title><style>${style}</style></head><body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`;
}

export interface LoginPage {
  readonly tenant: string;
  readonly action: string;
  readonly email?: string;
  readonly problem?: string;
  readonly google: boolean;
}

/** The log-in page: fields `email`, `password`; buttons `login`, `google`, `to-signup`, `cancel`. */
export function loginPage({ tenant, action, email = '', problem, google }: LoginPage): string {
  return page(
    'Log in',
    `<p>to continue to ${escapeHtml(tenant)}</p>${problemLine(problem)}
<form method="post" action="${action}/login">
<label>E-mail address<input name="email" type="email" autocomplete="username" required value="${escapeHtml(email)}"></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required></label>
<button id="login" class="main">Log in</button></form>
${google ? `<form method="post" action="${action}/google"><button id="google">Continue with Google</button></form>` : ''}
${google ? `<form method="post" action="${action}/to-signup"><button id="to-signup">Sign up</button></form>` : ''}
<form method="post" action="${action}/cancel"><button id="cancel">Cancel</button></form>`,
  );
}

/** The sign-up page: fields `name`, `email`, `password`; buttons `signup`, `google`, `cancel`. */
export function signupPage({ tenant, action, email = '', problem }: LoginPage): string {
  return page(
    'Sign up',
    `<p>to continue to ${escapeHtml(tenant)}</p>${problemLine(problem)}
<form method="post" action="${action}/signup">
<label>Name<input name="name" autocomplete="name"></label>
<label>E-mail address<input name="email" type="email" autocomplete="username" required value="${escapeHtml(email)}"></label>
<label>Password (8 characters or more)<input name="password" type="password" autocomplete="new-password" required minlength="8"></label>
<button id="signup" class="main">Sign up</button></form>
<form method="post" action="${action}/google"><button id="google">Continue with Google</button></form>
<form method="post" action="${action}/cancel"><button id="cancel">Cancel</button></form>`,
  );
}

/** The page of a second factor: buttons `second-factor`, `cancel`. */
export function secondFactorPage({ tenant, action }: LoginPage): string {
  return page(
    'Is it you?',
    `<p>${escapeHtml(tenant)} asks for a second factor.</p>
<form method="post" action="${action}/second-factor"><button id="second-factor" class="main">It is me</button></form>
<form method="post" action="${action}/cancel"><button id="cancel">Cancel</button></form>`,
  );
}

export interface ConsentPage {
  readonly tenant: string;
  readonly action: string;
  readonly application: string;
  readonly audience: string;
  readonly scopes: readonly string[];
}

/** The page that asks whether a third party may reach an API: buttons `accept`, `decline`. */
export function consentPage({ tenant, action, application, audience, scopes }: ConsentPage): string {
  const asked = scopes.map(scope => `<li>${escapeHtml(scope)}</li>`);
  return page(
    'Authorize App',
    `<p><strong>${escapeHtml(application)}</strong> wants to reach ${escapeHtml(audience)} with your account of ${escapeHtml(tenant)}:</p>
<ul>${asked.join('')}</ul>
<form method="post" action="${action}/accept"><button id="accept" class="main">Accept</button></form>
<form method="post" action="${action}/decline"><button id="decline">Decline</button></form>`,
  );
}

/** The page that asks whether to log out, where a request could not say of which session: button `logout`. */
export function logoutPage(action: string, asked: URLSearchParams): string {
  const hidden = [...asked, ['confirmed', 'yes']].map(
    ([name = '', value = '']) =>
      `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  return page(
    'Log out?',
    `<form method="post" action="${action}">${hidden.join('')}<button id="logout" class="main">Log out</button></form>`,
  );
}

function problemLine(problem: string | undefined): string {
  return problem ? `<p class="problem" role="alert">${escapeHtml(problem)}</p>` : '';
}
