import type { ProgressToken, ServerNotification } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import { plainText } from '../common/plainText.ts';
import type { SignInEvent } from '../sessions/signInEvent.ts';
import { signInWords } from '../sessions/signInWords.ts';
import type { Notice } from '../sessions/tokenSource.ts';

/** A client gives a call up after some 60 s without news. */
const newsEvery = 10_000;
/** How long (ms) a client that takes no news is kept waiting once there is some: it would give up, and learn nothing. */
const patience = 50_000;
/**
 * Where a bridge begins to count. The server that gets the call then counts from 0 or 1, and progress must grow (MCP
 * specification, "Progress").
 */
export const beforeTheServer = -1_000;

interface Extra {
  readonly _meta?: { readonly progressToken?: ProgressToken | undefined } | undefined;
  sendNotification(notification: ServerNotification): Promise<void>;
  /** The client does not wait any more. */
  readonly signal: AbortSignal;
}

interface WaitingProgressOptions {
  readonly withoutNews?: () => string;
  readonly from?: number;
  readonly quietFor?: number | undefined;
}

/**
 * Tells the client, by progress notifications (MCP specification, "Progress"), what a call waits for: at
 * once when there is news, and every ten seconds the last news again. Nothing is done before the first,
 * unless `withoutNews` is given: what to say when `quietFor` has passed and nobody has said anything.
 * A client that asked for no progress gets the news as the error of its call, before it gives up by itself.
 * @param options.from after which number the progress is counted
 * @param options.quietFor how long (ms) a wait may be that needs no progress
 */
export function createWaitingProgress(
  { _meta, sendNotification, signal }: Extra,
  { withoutNews, from = 0, quietFor = 1_000 }: WaitingProgressOptions = {},
) {
  const progressToken = _meta?.progressToken;
  let timer: NodeJS.Timeout | undefined;
  const quiet = withoutNews && progressToken !== undefined ? setTimeout(begin, quietFor) : undefined;
  let progress = from;
  let last = '';
  const unheard = new Set<string>();
  const enough = new AbortController();

  function begin(): void {
    if (progressToken === undefined) {
      timer ??= setTimeout(() => {
        enough.abort();
      }, patience);
    } else {
      send(progressToken);
      timer ??= setInterval(() => {
        send(progressToken);
      }, newsEvery);
    }
  }

  function send(progressToken: ProgressToken, message = last || (withoutNews?.() ?? '')): void {
    void sendNotification({
      method: 'notifications/progress',
      params: { progressToken, progress: ++progress, message },
    }).catch(() => undefined);
  }

  return {
    tell(event: SignInEvent): void {
      last = plainText(signInWords(event));
      clearTimeout(quiet);
      begin();
    },
    /** Has a client that takes news wait for the person's answer to a question, which it shows itself. */
    keep(message: string): void {
      if (progressToken === undefined) return;
      last = message;
      clearTimeout(quiet);
      begin();
    },
    /** Passes a notice on; one about a file is kept for an answer of ours. @returns whether the client heard it */
    notice({ about, message }: Notice): boolean {
      if (progressToken !== undefined) send(progressToken, message);
      else if (about === 'file') unheard.add(message);
      return progressToken !== undefined;
    },
    /** The notices that the client could not be told by progress. */
    unheard: unheard as ReadonlySet<string>,
    /** Aborted when the call is not to wait any longer. */
    signal: progressToken === undefined ? AbortSignal.any([signal, enough.signal]) : signal,
    /** Adds to an error of ours what the client has not heard: notices, and the news where it was not kept waiting for them. */
    explain(error: string): string {
      return plainText([error, ...(enough.signal.aborted ? [last] : []), ...unheard].join('\n'));
    },
    stop(): void {
      clearTimeout(quiet);
      clearInterval(timer);
      // What is waited for next may take as long again.
      timer = undefined;
    },
  };
}

/** What {@link createWaitingProgress} gives. */
export type WaitingProgress = ReturnType<typeof createWaitingProgress>;

/** What a call waits for while its person reads a question. */
export function waitingForAnswer(): string {
  return l10n.t('Waiting for you to answer the question in your client.');
}

/** Passes on the notices that a bridge passes on: which tenant it is, the news of a sign-in says, with the address. */
export function bridgeNotice(pass: WaitingProgress['notice']): WaitingProgress['notice'] {
  return notice => notice.about !== 'tenant' && pass(notice);
}
