import { isOmnispindleError, messageOf } from '../../common/errors.ts';
import type { Log } from '../../common/log.ts';
import type { Token, TokenSource } from '../../sessions/tokenSource.ts';
import { isWaitable, type Attendance } from './attendance.ts';

/** How long (ms) it counts that a person is needed, and that the tenant gave no answer. */
const [personFor, tenantFor] = [1_000, 30_000];
/** How long (ms) a client may wait for what it can be told without a token: it gives a start up after ten seconds. */
const patience = 6_000;

/** A token, none without a person, or a mistake that is no reason to wait. */
type Found = 'token' | 'none' | 'mistake';

/** Where tokens come from, and what is told of them. */
export interface ReadinessOptions {
  readonly tokenSource: Pick<TokenSource, 'getToken' | 'onInvalidate'>;
  readonly log: Log;
  readonly attendance?: Attendance | undefined;
  /** Whether something is known that the client can be told where there is no token. */
  hasAnswers(): Promise<boolean>;
  /** There may be a token now although there was none before. */
  onChange(): void;
}

/** Whether there is a token, without anybody being asked. */
export interface Readiness {
  /**
   * Whether requests can go to the server: there is a token, or a mistake that only the bridge itself can tell of.
   * Never rejects.
   */
  isReady(): Promise<boolean>;
  /** Whether there is a token. Never rejects. */
  hasToken(): Promise<boolean>;
  /** Notes a token that was got otherwise. */
  note(token: Token): void;
  /** Whose the last token was, as far as it was said; undefined where there was none. */
  account(): string | undefined;
}

/** Looks whether there is a token, once for all who want to know at the same time. */
export function createReadiness({
  tokenSource,
  log,
  attendance,
  hasAnswers,
  onChange,
}: ReadinessOptions): Readiness {
  let looking: Promise<Found> | undefined;
  /** Until when (ms since the epoch) it is known that there is none. */
  let noneUntil = 0;
  let account: string | undefined;
  tokenSource.onInvalidate?.(() => {
    noneUntil = 0;
    onChange();
  });

  function note(token: Token): void {
    noneUntil = 0;
    account = token.account?.label ?? '';
    attendance?.got(token.accessToken);
  }

  async function look(): Promise<Found> {
    try {
      const token = await tokenSource.getToken({ silent: true });
      note(token);
      // It looks valid, and the server does not take it.
      return token.accessToken === attendance?.refused() ? 'none' : 'token';
    } catch (error) {
      if (!isWaitable(error)) return 'mistake';
      log.debug(`There is no token without asking: ${messageOf(error)}`);
      noneUntil = Date.now() + (isOmnispindleError(error, 'login_required') ? personFor : tenantFor);
      return 'none';
    } finally {
      looking = undefined;
    }
  }

  function find(): Promise<Found> {
    const left = noneUntil - Date.now();
    // A clock that was set back must not keep it for longer.
    if (left > 0 && left <= tenantFor) return Promise.resolve('none');
    return (looking ??= look());
  }

  /** Says that there is none where it takes long to find out, and the client can be told something. */
  async function inTime(found: Promise<Found>): Promise<Found> {
    let timer: NodeJS.Timeout | undefined;
    let isLate = false;
    const late = new Promise<Found>(resolve => {
      timer = setTimeout(() => {
        void hasAnswers().then(has => {
          isLate = has;
          if (has) resolve('none');
        });
      }, patience);
    });
    const first = await Promise.race([found, late]);
    clearTimeout(timer);
    if (isLate) void found.then(onChange);
    return first;
  }

  return {
    isReady: async () => (await inTime(find())) !== 'none',
    hasToken: async () => (await find()) === 'token',
    note,
    account: () => account,
  };
}
