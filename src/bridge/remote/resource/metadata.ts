import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { placeOf } from '../../../auth/address.ts';
import { OmnispindleError } from '../../../common/errors.ts';
import { plainLine } from '../../../common/plainText.ts';
import { inPlace } from '../../../common/place.ts';
import { settingName } from '../../../common/settingName.ts';
import { toolScopes } from '../../../common/toolScopes.ts';

/** What a server says of the API that its tokens are for (RFC 9728 section 2), as far as it concerns us. */
const metadataSchema = z.object({
  resource: z.string().check(z.minLength(1), z.maxLength(2_048)),
  authorization_servers: z.optional(z.array(z.string().check(z.maxLength(2_048))).check(z.maxLength(100))),
  /** RFC 9449. Anything but a boolean demands nothing. */
  dpop_bound_access_tokens_required: z.optional(z.unknown()),
  /** Anything but a list of texts declares no scope. */
  scopes_supported: z.catch(z.array(z.string()), []),
});

/** How many of those whom a server trusts an error names. */
const namedIssuers = 5;

/** Who asks for metadata: the server's address, and the issuer of the tokens that would go there. */
export interface Asking {
  readonly url: URL;
  readonly issuer: string;
  /** How long (ms) each answer may take; 5,000 where absent. */
  readonly answerLimit?: number;
}

/** What the metadata of a server say. */
export interface Metadata {
  /** The identifier of the API, as the server writes it. */
  readonly resource: string;
  /**
   * The scopes of our own tools that it declares for the API that it alone is. A token with them is good for what the
   * person connects to, and nowhere else; so nobody is asked for them, as for what other servers want.
   */
  readonly scopes: readonly string[];
}

/**
 * Reads the metadata of a server, and checks that a token of the issuer's may go there.
 * @throws OmnispindleError `invalid_response` where it is not metadata, or another server's; `invalid_settings` where
 * the server does not trust the issuer, or wants tokens that are bound to a key
 * @example
 * import { readMetadata } from './metadata.ts';
 *
 * const asking = { url: new URL('https://notes.example/mcp'), issuer: 'https://example.eu.auth0.com/' };
 * const body = JSON.stringify({ resource: 'https://notes.example/mcp', authorization_servers: [asking.issuer] });
 * const audience: string = readMetadata(body, asking).resource; // 'https://notes.example/mcp'
 */
export function readMetadata(body: string, { url, issuer }: Asking): Metadata {
  const parsed = metadataSchema.safeParse(jsonOf(body));
  if (!parsed.success) throw unusable(url);
  const { resource, authorization_servers: issuers = [], scopes_supported: declared } = parsed.data;
  const needsKey = parsed.data.dpop_bound_access_tokens_required === true;
  if (!covers(resource, url)) throw anothers(url, resource);
  if (!issuers.some(each => URL.parse(each)?.href === issuer)) throw untrusting(url, issuers, issuer);
  if (needsKey) throw bound(url);
  const isItself = URL.parse(resource)?.href === url.href;
  return { resource, scopes: isItself ? toolScopes.filter(scope => declared.includes(scope)) : [] };
}

/**
 * Whether a token for that resource is one for the server: the resource has its origin, and a path that the server's
 * is in, as the MCP SDK's `checkResourceAllowed` has it. The server's neighbours at that origin share no path with it.
 * @example covers('https://notes.example/', { origin: 'https://notes.example', pathname: '/mcp' }) // true
 */
export function covers(resource: string, { origin, pathname }: Pick<URL, 'origin' | 'pathname'>): boolean {
  const named = URL.parse(resource);
  // RFC 9728 section 1.2: no fragment.
  if (!named || named.origin !== origin || named.username || named.password || named.hash) return false;
  if (pathname.length < named.pathname.length) return false;
  return withSlash(pathname).startsWith(withSlash(named.pathname));
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** How a person names the API of a server, which then is not asked for it. */
export function audienceOption(): string {
  return inPlace({
    editor: l10n.t('"audience" of this server in the setting omnispindle.servers'),
    terminal: '--audience',
  });
}

/** That what a server gave as metadata cannot be used. */
export function unusable({ origin }: URL): OmnispindleError {
  return new OmnispindleError(
    'invalid_response',
    l10n.t(
      '{0} does not say rightly which API its tokens are for: what it gives as its metadata (RFC 9728) cannot be used. No token was sent. Ask whoever runs the server; {1} names the API without asking it.',
      origin,
      audienceOption(),
    ),
  );
}

function bound({ origin }: URL): OmnispindleError {
  return new OmnispindleError(
    'invalid_settings',
    l10n.t(
      '{0} takes only tokens bound to a key (DPoP), which Omnispindle does not support yet. No token was sent. Ask whoever runs the server to take bearer tokens as well.',
      origin,
    ),
  );
}

function anothers({ origin, pathname }: URL, resource: string): OmnispindleError {
  return new OmnispindleError(
    'invalid_response',
    l10n.t(
      '{0} asks for a token for {1}, which is not that server. No token was sent: with it the server could act there as you. Ask whoever runs the server; where you trust it with that API, {2} names it.',
      plainLine(origin + pathname),
      plainLine(resource),
      audienceOption(),
    ),
  );
}

function untrusting({ origin }: URL, issuers: readonly string[], issuer: string): OmnispindleError {
  const { host } = new URL(issuer);
  const hosts = [...new Set(issuers.map(placeOf))].slice(0, namedIssuers);
  const message =
    hosts.length === 0
      ? l10n.t(
          '{0} does not say whose tokens it trusts, so none of {1} was sent. Ask whoever runs the server; {2} names the API without asking it.',
          origin,
          host,
          audienceOption(),
        )
      : l10n.t(
          '{0} does not trust tokens of {1}, but of {2}. No token was sent. If that is your tenant, set {3} to it and sign in there; else ask whoever runs the server.',
          origin,
          host,
          hosts.join(', '),
          settingName('domain'),
        );
  return new OmnispindleError('invalid_settings', message);
}
