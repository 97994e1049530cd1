import type { OnProgress } from '../sessions/signInEvent.ts';
import type { Notice, TokenRequest } from '../sessions/tokenSource.ts';
import { sayOnStderr } from './sayOnStderr.ts';

const said = new Set<string>();
const heard = new Set<string>();

type Listener = Pick<TokenRequest, 'onNotice' | 'onProgress'>;

/** Where notices go. */
export interface AnnounceOptions {
  /** Whoever listens says it in their own way: nothing goes to stderr. */
  readonly quiet?: boolean;
}

/**
 * Tells the person each notice once a process: on stderr, and through the first call that reaches them, because
 * a client shows nobody what a server writes on stderr.
 * @returns whether the call was told something
 */
export function announce(
  notices: readonly Notice[],
  listener: Listener = {},
  { quiet = false }: AnnounceOptions = {},
): boolean {
  let told = false;
  for (const notice of notices) {
    const { message } = notice;
    if (!quiet && !said.has(message)) {
      said.add(message);
      sayOnStderr(`omnispindle: ${message}`);
    }
    if (heard.has(message) || !reaches(listener, notice)) continue;
    heard.add(message);
    told = true;
  }
  return told;
}

function reaches({ onNotice, onProgress }: Listener, notice: Notice): boolean {
  if (onNotice) return onNotice(notice);
  onProgress?.({ type: 'message', message: notice.message });
  return onProgress !== undefined;
}

/** A sign-in's progress that names the tenant first, where nobody has heard it yet; in one message, because the latest counts. */
export function afterTenant(tenantNotice: Notice | undefined, onProgress: OnProgress): OnProgress {
  if (!tenantNotice) return onProgress;
  return event => {
    const isNews = announce([tenantNotice], { onNotice: () => true }, { quiet: true });
    onProgress(isNews ? { ...event, notice: tenantNotice.message } : event);
  };
}
