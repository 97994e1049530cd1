import * as vscode from 'vscode';
import type { BrokerHostOptions } from '../broker/host.ts';
import type { Waiting } from '../broker/allowed.ts';
import { isOmnispindleError, messageOf } from '../common/errors.ts';
import type { ServerSignIns } from './serverSignIns.ts';
import type { TermsOf } from './serverTerms.ts';

/** What is known of a server in this window. */
export interface ServerState {
  /** The account it runs as, by the editor's id; absent before its first call. */
  readonly account?: string;
  /** The API its tokens are for; absent where that is the default one, or not known yet. */
  readonly audience?: string | undefined;
  /** How many of its requests wait for the person. */
  readonly waiting: number;
  /** Why the last request of it that could have got something got nothing. */
  readonly error?: string | undefined;
}

type GetToken = BrokerHostOptions['getToken'];

const nothing: ServerState = { waiting: 0 };

/** Hears what becomes of the requests of servers, for whoever shows it to the person. */
export interface ServerNews extends vscode.Disposable {
  readonly onDidChange: vscode.Event<void>;
  of(server: string): ServerState;
  all(): ReadonlyMap<string, ServerState>;
  /** Something that others know of has changed. */
  changed(): void;
  /** Its bridge says why what it leads to cannot be reached; undefined where it can again. */
  reported(server: string | undefined, problem: string | undefined): void;
  /** Another server has that name now. */
  forget(server: string): void;
  /** What went wrong counts no more: somebody has signed in, for example. */
  forgetErrors(): void;
  watchTerms(termsOf: TermsOf): TermsOf;
  watchTokens(getToken: GetToken): GetToken;
  watchSignIns<T extends ServerSignIns>(signIns: T): T;
}

/** Builds the {@link ServerNews} of this window. */
export function createServerNews(): ServerNews {
  const states = new Map<string, ServerState>();
  const changed = new vscode.EventEmitter<void>();
  const of = (server: string) => states.get(server) ?? nothing;

  function update(server: string | undefined, news: Partial<ServerState>): void {
    if (server === undefined) return;
    const before = of(server);
    const isNews = Object.entries(news).some(([key, value]) => before[key as keyof ServerState] !== value);
    if (!isNews) return;
    states.set(server, { ...before, ...news });
    changed.fire();
  }

  /** What a silent request lacks, but a person can give, and what nobody waits for any more, is no failure. */
  async function listen<T>(
    server: string | undefined,
    { silent, signal }: Partial<Waiting>,
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const isNews = silent !== true || isOmnispindleError(error, 'invalid_settings');
      const isGivenUp = signal?.aborted === true || isOmnispindleError(error, 'cancelled');
      if (isNews && !isGivenUp) update(server, { error: messageOf(error) });
      throw error;
    }
  }

  return {
    onDidChange: changed.event,
    of,
    all: () => states,
    changed: () => {
      changed.fire();
    },
    reported(server, problem) {
      update(server, { error: problem });
    },
    forget(server) {
      if (!states.has(server)) return;
      states.set(server, { waiting: of(server).waiting });
      changed.fire();
    },
    forgetErrors() {
      for (const server of states.keys()) update(server, { error: undefined });
    },
    watchTerms: termsOf => server => {
      const { name } = server;
      // It is started, and what went wrong before may not be wrong any more.
      update(name, { error: undefined });
      const find = termsOf(server);
      return waiting =>
        listen(name, waiting, async () => {
          const terms = await find(waiting);
          update(name, { account: terms.account, audience: terms.allowed.audience, error: undefined });
          return terms;
        });
    },
    watchTokens: getToken => (holder, request) =>
      listen(holder.server, request, async () => {
        const token = await getToken(holder, request);
        update(holder.server, { error: undefined });
        return token;
      }),
    watchSignIns: signIns => ({
      ...signIns,
      async ask(question, waiting) {
        const { server } = question;
        if (server === undefined || waiting.silent) return signIns.ask(question, waiting);
        update(server, { waiting: of(server).waiting + 1 });
        try {
          return await signIns.ask(question, waiting);
        } finally {
          update(server, { waiting: of(server).waiting - 1 });
        }
      },
    }),
    dispose: () => {
      changed.dispose();
    },
  };
}
