import type { Log } from '../auth/log.ts';
import type { TokenSource } from '../auth/tokenSource.ts';
import { brokerTokenSource } from '../broker/client.ts';
import { readEnvironment } from './environment.ts';
import { ownTokenSource } from './ownTokenSource.ts';
import { useProxyOfEnvironment } from './proxy.ts';

export interface SourceOptions {
  readonly log: Log;
  /** The account to use where there are several. */
  readonly account?: string;
  readonly scopes?: readonly string[];
  /** Checks an `AUTH0_TOKEN` before it is handed out. */
  readonly verify?: (token: string) => Promise<unknown>;
}

/**
 * Where a process of ours gets its tokens: from the editor that started it, else `AUTH0_TOKEN`, else this
 * user's sessions, signing in at the first need.
 */
export async function openTokenSource({ log, account, scopes, verify }: SourceOptions): Promise<TokenSource> {
  useProxyOfEnvironment();
  const broker = brokerTokenSource(process.env, scopes);
  if (broker) return broker;
  const environment = readEnvironment();
  if (environment.ownToken) return ownTokenSource(environment.ownToken, verify);
  const [{ terminalAuthenticator }, { sessionTokenSource }] = await Promise.all([
    import('./authenticator.ts'),
    import('../auth/sessionTokenSource.ts'),
  ]);
  const wanted = account ?? environment.account;
  return sessionTokenSource(await terminalAuthenticator({ ...environment, log }), {
    ...(wanted !== undefined && { account: wanted }),
    ...(scopes && { scopes }),
  });
}
