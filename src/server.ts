import * as l10n from '@vscode/l10n';
import { OmnispindleError } from './common/errors.ts';
import type { TokenSource } from './sessions/tokenSource.ts';

export { OmnispindleError, type ErrorCode } from './common/errors.ts';

/** What a server says about its need of a token. */
export interface GetTokenOptions {
  /** Aborted when nobody waits for the token any more. */
  readonly signal?: AbortSignal;
  /**
   * A token that the API refused (status 401) although it is new: another one is obtained, once a minute at most. The
   * same one comes back where there is no other.
   */
  readonly rejected?: string;
}

let opening: Promise<TokenSource> | undefined;

/**
 * Door 4, for authors of servers: returns a valid access token of the person that an MCP server acts for, in a server
 * that `omnispindle run` or the extension has started. Ask before each request and keep nothing: a token that is valid
 * for another minute is answered from memory, and after a sign-out or a change of account the next one is right. A
 * server that asks is not started again for a new token; the variable that it was started with then holds an old one.
 * What the token is for is not the server's to choose: `run --audience` and `--scope`, or the setting
 * `omnispindle.servers`, say it. Processes that the server starts inherit its right to ask.
 * @returns the access token, for the `authorization` header (RFC 6750 section 2.1)
 * @throws OmnispindleError with a stable `code` ({@link ErrorCode}), and a message that says what to do: among others
 * `invalid_settings` where nothing of ours has started this process, `session_lost` where what has started it is gone,
 * `timed_out` where nobody signs in within five minutes, `cancelled` where `signal` is aborted, `access_denied`
 * @example
 * import { getToken } from 'omnispindle/server';
 *
 * const call = (token: string) =>
 *   fetch('https://notes.example.com/notes', { headers: { authorization: `Bearer ${token}` } });
 * const token = await getToken();
 * const answer = await call(token);
 * if (answer.status === 401) await call(await getToken({ rejected: token }));
 */
export async function getToken({ signal, rejected }: GetTokenOptions = {}): Promise<string> {
  opening ??= openSource();
  const source = await opening.catch((error: unknown) => {
    opening = undefined;
    throw error;
  });
  try {
    const { accessToken } = await source.getToken({
      ...(signal && { signal }),
      ...(rejected !== undefined && { rejected }),
    });
    return accessToken;
  } catch (error) {
    if (!signal?.aborted) throw error;
    throw new OmnispindleError('cancelled', l10n.t('The server stopped waiting for its token.'), {
      cause: error,
    });
  }
}

/**
 * The broker of whatever has started this process. It is loaded only here: a server must start fast.
 * @throws OmnispindleError `invalid_settings` where the environment names none, `unsupported_runtime`
 */
async function openSource(): Promise<TokenSource> {
  // A server of somebody else's may run on an older 22 than the package asks for, which is enough for this; before 22 nothing is.
  if (!('withResolvers' in Promise)) {
    throw (await import('./terminal/unsupportedRuntime.ts')).unsupportedRuntime();
  }
  const [{ createBrokerTokenSource }, { useTranslation }] = await Promise.all([
    import('./broker/client.ts'),
    import('./terminal/translation.ts'),
  ]);
  useTranslation();
  const found = createBrokerTokenSource(process.env, { allScopes: true });
  if (found) return found;
  throw new OmnispindleError(
    'invalid_settings',
    l10n.t(
      'Nothing here gives this server a token: Omnispindle has not started it. Start it with "omnispindle run --variable NAME -- COMMAND", or from the editor, by the setting omnispindle.servers.',
    ),
  );
}
