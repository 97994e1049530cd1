import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerGrant } from '../broker/host.ts';

/** How long (ms) a server that is started again may take to end: the editor itself begins after half a second. */
const endLimit = 3_000;

/** What decides as whom servers run. */
export interface RunningServersOptions {
  /** A server has another revision now, with which the editor starts it again. */
  onRestart(): void;
  /** Whether the person chose an account for that server. */
  isChosen(server: string): boolean;
  /** The account that the editor prefers for us now, by its id. */
  preferredAccount(): Promise<string | undefined>;
  /** The accounts that are signed in, by their ids. */
  accounts(): Promise<readonly string[]>;
  /** The servers that agents have started. */
  joined(): readonly JoinedServer[];
}

/** A server that the editor has not started: whoever has starts it again by itself, or asks for another key. */
export interface JoinedServer {
  readonly server: string;
  readonly account: string | undefined;
  /** It gets no more tokens by the key that it has. */
  drop(): void;
}

/** A server that runs, or ran, as somebody. */
export interface Running {
  /** Once it is known: at the first call that needs it. */
  account?: string;
  readonly grant: Pick<BrokerGrant, 'revoke'>;
}

/** Which servers run, as which accounts, and when they are started again. */
export function createRunningServers(options: RunningServersOptions) {
  const running = new Map<string, Running>();
  const revisions = new Map<string, number>();

  /** Resolves when the server that ran before has ended. */
  async function restart(server: string): Promise<void> {
    const ended = running.get(server)?.grant.revoke();
    running.delete(server);
    for (const its of options.joined()) if (its.server === server) its.drop();
    revisions.set(server, (revisions.get(server) ?? 0) + 1);
    options.onRestart();
    if (ended) await Promise.race([ended, delay(endLimit)]);
  }

  return {
    restart,
    restartAll(): void {
      for (const its of options.joined()) its.drop();
      for (const server of [...running.keys()]) void restart(server);
    },
    /** How often a server was to start again. */
    revision: (server: string): number => revisions.get(server) ?? 0,
    /** A server is about to start: its last process gets no more tokens. */
    revoke(server: string): void {
      void running.get(server)?.grant.revoke();
    },
    /** A server starts. */
    add(server: string, its: Running): void {
      running.set(server, its);
    },
    /**
     * Starts servers again that run as another account than the editor prefers for us now. Where theirs is signed out,
     * that waits for a new sign-in: their next call asks the person again, and completes, while a restart would cancel
     * it.
     */
    async followAccounts(signedIn: boolean): Promise<void> {
      // One that runs as nobody yet takes the account that is preferred when it is called.
      const isFollowing = ({ server, account }: Pick<JoinedServer, 'server' | 'account'>) =>
        account !== undefined && !options.isChosen(server);
      const started = [...running].map(([server, { account }]) => ({
        server,
        account,
        drop: () => void restart(server),
      }));
      const following = [...started, ...options.joined()].filter(isFollowing);
      if (following.length === 0) return;
      const preferred = await options.preferredAccount();
      const present = new Set(await options.accounts());
      for (const { account, drop } of following) {
        const another = preferred !== undefined && preferred !== account;
        if (account !== undefined && present.has(account) ? another : signedIn) drop();
      }
    },
  };
}
