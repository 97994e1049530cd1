import type { OutgoingHttpHeaders } from 'node:http';
import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../../common/errors.ts';
import { plainLine } from '../../../common/plainText.ts';
import { RemoteError } from '../refusal.ts';
import { bearerChallenges } from '../wwwAuthenticate.ts';
import { audienceOption, readMetadata, unusable, type Asking, type Metadata } from './metadata.ts';

/** What is asked of a server without any token. */
interface Question {
  readonly method: 'GET' | 'POST';
  readonly headers: OutgoingHttpHeaders;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Longest body (bytes) that is read. */
  readonly limit: number;
}

/** What a server answered; its body is undefined where that is longer than it may be. */
interface Reply {
  readonly status: number;
  readonly type: string;
  readonly challenges: string | undefined;
  readonly body: string | undefined;
}

/** Asks a server something, following no redirect. @throws Error where no answer comes */
export type Ask = (address: URL, question: Question) => Promise<Reply>;

/** What was found, and where. */
export interface Found {
  /** The identifier of the API; undefined where the server declares nothing. */
  readonly resource: string | undefined;
  /** The scopes of our own tools that it declares for itself alone. */
  readonly scopes: readonly string[];
  /** The addresses that were asked, or named by the server. */
  readonly asked: readonly string[];
}

/** Of a server that declares nothing. */
const nothing = { resource: undefined, scopes: [] } as const;

const wellKnown = '/.well-known/oauth-protected-resource';
/** Largest metadata (bytes). */
const largest = 64 * 1024;

/**
 * Finds out which API a server's tokens are for (RFC 9728 section 3; MCP specification, "Authorization Server
 * Location"): by its well-known addresses, else by what it answers to a request without a token. What is asked goes to
 * the server's own origin.
 * @throws OmnispindleError as {@link readMetadata}, `invalid_response` where it sends us elsewhere or on without an end
 * @throws RemoteError, or Error for `explain`, where it cannot answer now, which is no proof that it declares nothing
 */
export async function lookUpResource(ask: Ask, asking: Asking): Promise<Found> {
  const { url } = asking;
  const asked: string[] = [];
  for (const address of wellKnownOf(url)) {
    asked.push(address.href);
    const found = await read(ask, address, asking);
    if (found) return { ...found, asked };
  }
  const named = namedIn(await refusedWithout(ask, asking), url);
  if (!named || asked.includes(named.href)) return { ...nothing, asked };
  asked.push(named.href);
  return { ...((await read(ask, named, asking)) ?? nothing), asked };
}

/**
 * Reads the metadata that a refusal names, where it names any.
 * @param before what was asked already, and is not asked again
 * @throws as {@link lookUpResource}
 */
export async function followChallenge(
  ask: Ask,
  challenges: string | undefined,
  before: readonly string[],
  asking: Asking,
): Promise<Found | undefined> {
  const named = namedIn(challenges, asking.url);
  if (!named || before.includes(named.href)) return undefined;
  return { ...((await read(ask, named, asking)) ?? nothing), asked: [...before, named.href] };
}

/** For the server's path, then for its whole origin. */
function wellKnownOf({ origin, pathname, search }: URL): URL[] {
  const root = new URL(wellKnown, origin);
  if (pathname === '/') return [root];
  return [new URL(wellKnown + pathname + search, origin), root];
}

/** What a server says to who comes without a token; a `ping` begins no session. */
async function refusedWithout(ask: Ask, asking: Asking): Promise<string | undefined> {
  const { status, challenges } = await once(ask, asking.url, asking, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
  });
  return status === 401 ? challenges : undefined;
}

/**
 * The address of the metadata that a challenge names (RFC 9728 section 5.1).
 * @throws OmnispindleError `invalid_response` where that is at another origin
 */
function namedIn(challenges: string | undefined, { origin }: URL): URL | undefined {
  const [named] = bearerChallenges(challenges).flatMap(
    ({ parameters }) => parameters.get('resource_metadata') ?? [],
  );
  if (named === undefined) return undefined;
  const address = URL.parse(named);
  if (address?.origin === origin && !address.username && !address.password) return address;
  throw new OmnispindleError(
    'invalid_response',
    l10n.t(
      '{0} names metadata (RFC 9728) at another address than its own: {1}. It was not asked for, and no token was sent. Ask whoever runs the server; {2} names the API without asking it.',
      origin,
      plainLine(named),
      audienceOption(),
    ),
  );
}

/** What stands at an address; undefined where nothing does. @throws OmnispindleError */
async function read(ask: Ask, address: URL, asking: Asking): Promise<Metadata | undefined> {
  const { url } = asking;
  const { status, type, body } = await once(ask, address, asking, {
    method: 'GET',
    headers: { accept: 'application/json' },
  });
  if (status >= 300 && status < 400) throw redirecting(url);
  if (status !== 200) return undefined;
  // A site may have a page for every address.
  if (/^text\/html\b/i.test(type)) return undefined;
  if (body === undefined) throw unusable(url);
  return readMetadata(body, asking);
}

/** Asks once. @throws RemoteError where the server cannot answer now; OmnispindleError where it takes too long */
async function once(
  ask: Ask,
  address: URL,
  { answerLimit = 5_000 }: Asking,
  what: Omit<Question, 'signal' | 'limit'>,
): Promise<Reply> {
  const signal = AbortSignal.timeout(answerLimit);
  try {
    const reply = await ask(address, { ...what, signal, limit: largest });
    const { status } = reply;
    const isPassing = status === 408 || status === 425 || status === 429;
    if (isPassing || (status >= 500 && status !== 501)) throw new RemoteError(status, '');
    return reply;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new OmnispindleError(
      'server_error',
      l10n.t(
        '{0} did not say within {1} s which API its tokens are for. No token was sent. Try again; {2} names the API without asking it.',
        address.origin,
        String(answerLimit / 1_000),
        audienceOption(),
      ),
    );
  }
}

function redirecting({ origin }: URL): OmnispindleError {
  return new OmnispindleError(
    'invalid_response',
    l10n.t(
      '{0} redirects who asks for its metadata (RFC 9728), which is not followed. No token was sent. Ask whoever runs the server; {1} names the API without asking it.',
      origin,
      audienceOption(),
    ),
  );
}
