import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { demoUser, googleUser } from './accounts.ts';

/** What a person does at the login page. */
export type Person =
  | { readonly email: string; readonly password: string }
  | { readonly signUp: { readonly name: string; readonly email: string; readonly password: string } }
  | 'google'
  | 'cancel';

/** Goes on with Google, as somebody else than `googleUser`. */
export interface GooglePerson {
  readonly google: { readonly email: string; readonly password: string };
}

/** Whom a rule of the tenant turns away at the login page. */
export interface TurnedAway {
  readonly turnedAway: { readonly error: string; readonly error_description: string };
}

/** Logs in, and lets no third party in. */
export type Decliner = 'decline';

interface Answer {
  readonly url: string;
  readonly html: string;
}

/** A browser's memory of the tenants' cookies; give the same one again to be remembered by them. */
export type CookieJar = Map<string, string>;

/** The cookies that were saved in a file, as a browser's profile keeps them for its next start. */
export function loadCookies(file: string): CookieJar {
  return new Map(existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as [string, string][]) : []);
}

export function saveCookies(file: string, cookies: CookieJar): void {
  writeFileSync(file, JSON.stringify([...cookies]));
}

/**
 * Walks the tenant's pages as a browser would, by fetch, from an authorization URL (or a device
 * verification address) to the end, the loopback callback included.
 * @returns the last address and page; for a redirect that is not http, that address and no page.
 */
export async function signInByForm(
  url: string,
  person: Person | GooglePerson | TurnedAway | Decliner = demoUser,
  cookies: CookieJar = new Map(),
): Promise<Answer> {
  if (typeof person === 'object' && 'turnedAway' in person) {
    return visit(refusedCallback(url, person), cookies);
  }
  let answer = await visit(url, cookies);
  for (let step = 0; step < 12; step++) {
    const form = nextForm(answer.html, person);
    if (!form) return answer;
    const fields = new URLSearchParams(hiddenFields(form.html));
    for (const [name, value] of Object.entries(form.fields)) fields.set(name, value);
    answer = await visit(new URL(form.action, answer.url).href, cookies, fields);
    // Who refuses a device is asked for another code; nobody enters one.
    if (/\/(?:cancel|decline)$/.test(form.action)) return answer;
    if (answer.html.includes('role="alert"')) throw new Error(`The login page refused: ${answer.html}`);
  }
  throw new Error('The login pages never end.');
}

function refusedCallback(url: string, { turnedAway }: TurnedAway): string {
  const { origin, searchParams: asked } = new URL(url);
  const callback = new URL(asked.get('redirect_uri') ?? '');
  const said = { ...turnedAway, state: asked.get('state') ?? '', iss: `${origin}/` };
  for (const [name, value] of Object.entries(said)) callback.searchParams.set(name, value);
  return callback.href;
}

interface Form {
  readonly action: string;
  readonly html: string;
  readonly fields: Record<string, string>;
}

function nextForm(html: string, person: Person | GooglePerson | Decliner): Form | undefined {
  const forms = [...html.matchAll(/<form[^>]*action="([^"]+)"[^>]*>(.*?)<\/form>/gs)].map(match => ({
    action: match[1] ?? '',
    html: match[0],
  }));
  const to = (path: string, fields: Record<string, string> = {}): Form | undefined => {
    const form = forms.find(({ action }) => action.endsWith(path));
    return form && { ...form, fields };
  };
  // Entering a code, and what a page with a script sends by itself: the end of another person's session.
  const plain = to('/activate') ?? to('/oidc/logout/confirm') ?? to('/oidc/logout');
  if (plain) return plain;
  if (person === 'cancel') return to('/cancel');
  const asked = to('/second-factor') ?? to(person === 'decline' ? '/decline' : '/accept');
  if (asked) return asked;
  if (person === 'decline') return to('/login', logIn(demoUser));
  if (person === 'google') return to('/google') ?? to('/login', logIn(googleUser));
  if ('google' in person) return to('/google') ?? to('/login', logIn(person.google));
  if ('signUp' in person) return to('/signup', person.signUp) ?? to('/to-signup');
  return to('/login', logIn(person));
}

function logIn({ email, password }: { email: string; password: string }): Record<string, string> {
  return { email, password };
}

function hiddenFields(html: string): Record<string, string> {
  const inputs = html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
  return Object.fromEntries([...inputs].map(([, name = '', value = '']) => [name, value]));
}

async function visit(url: string, cookies: CookieJar, body?: URLSearchParams): Promise<Answer> {
  let next = url;
  let form = body;
  for (let hop = 0; hop < 20; hop++) {
    const { origin } = new URL(next);
    const response = await fetch(next, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: { cookie: cookieHeader(cookies, origin) },
      ...(form && { body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) remember(cookies, origin, cookie);
    const location = response.headers.get('location');
    if (!location) return { url: next, html: await response.text() };
    await response.body?.cancel();
    next = new URL(location, next).href;
    form = undefined;
    if (!next.startsWith('http')) return { url: next, html: '' };
  }
  throw new Error(`Too many redirects from ${new URL(url).origin}`);
}

function remember(cookies: CookieJar, origin: string, header: string): void {
  const [pair = '', ...attributes] = header.split(';');
  const name = pair.slice(0, pair.indexOf('='));
  const gone = attributes.some(attribute => /max-age=0|expires=Thu, 01 Jan 1970/i.test(attribute));
  if (gone) cookies.delete(`${origin} ${name}`);
  else cookies.set(`${origin} ${name}`, pair);
}

function cookieHeader(cookies: CookieJar, origin: string): string {
  return [...cookies].flatMap(([key, pair]) => (key.startsWith(`${origin} `) ? [pair] : [])).join('; ');
}
