import type { ProgressToken, ServerNotification } from '@modelcontextprotocol/sdk/types.js';

/** A client gives a call up after some 60 s without news. */
const newsEvery = 10_000;
/** A wait shorter than this is not worth a word. */
const quietFor = 1_000;

interface Extra {
  readonly _meta?: { readonly progressToken?: ProgressToken | undefined } | undefined;
  sendNotification(notification: ServerNotification): Promise<void>;
}

/**
 * Tells the client, by progress notifications (MCP specification, "Progress"), what a call waits for: at
 * once when there is news, and every ten seconds the last news again. Nothing is done before the first,
 * unless `withoutNews` is given: what to say when a second has passed and nobody has said anything.
 */
export function waitingProgress({ _meta, sendNotification }: Extra, withoutNews?: () => string) {
  const progressToken = _meta?.progressToken;
  let timer: NodeJS.Timeout | undefined;
  const quiet = withoutNews && progressToken !== undefined ? setTimeout(begin, quietFor) : undefined;
  let progress = 0;
  let last = '';

  function begin(): void {
    send();
    timer ??= setInterval(send, newsEvery);
  }

  function send(): void {
    if (progressToken === undefined) return;
    void sendNotification({
      method: 'notifications/progress',
      params: { progressToken, progress: ++progress, message: last || (withoutNews?.() ?? '') },
    }).catch(() => undefined);
  }

  return {
    tell(message: string): void {
      last = message;
      clearTimeout(quiet);
      begin();
    },
    /** The last news, for the error of a call that did not get what it waited for. */
    get last(): string {
      return last;
    },
    stop(): void {
      clearTimeout(quiet);
      clearInterval(timer);
    },
  };
}
