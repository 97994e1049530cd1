/** Something that may cost the person a sign-in. */
interface Cause {
  readonly from: number;
  /** Absent while it lasts. */
  until?: number;
}

/**
 * Reads from what the processes say which sign-ins they began, and whether each had a cause that nobody can
 * help: a renewal or a sign-in that was cut short, or a command of the person's own.
 */
export function signInLedger() {
  const begun: number[] = [];
  let lostRenewals = 0;
  const causes: Cause[] = [];

  return {
    /** A command that signs in or out begins. @returns what notes its end */
    command(): () => void {
      const cause: Cause = { from: Date.now() };
      causes.push(cause);
      return () => {
        cause.until = Date.now();
      };
    },

    /** Listens to one process. */
    listen() {
      let renewing: number | undefined;
      let signingIn: number | undefined;
      const cutShort = (from: number) => causes.push({ from, until: Date.now() });
      const loseRenewal = () => {
        if (renewing === undefined) return;
        cutShort(renewing);
        lostRenewals++;
      };
      const loseSignIn = () => {
        if (signingIn !== undefined) cutShort(signingIn);
      };
      return {
        line(line: string): void {
          if (line.includes('Renewing the session')) {
            loseRenewal();
            renewing = Date.now();
          } else if (/Renewed the session|session of \S+ has ended/.test(line)) {
            renewing = undefined;
          } else if (line.includes('Signing in by')) {
            loseSignIn();
            begun.push((signingIn = Date.now()));
          } else if (line.includes('Signed in as')) {
            signingIn = undefined;
          }
        },
        end(): void {
          loseRenewal();
          loseSignIn();
        },
      };
    },

    /** How many sign-ins were begun, and how many renewals got no answer. */
    get begun(): number {
      return begun.length;
    },
    get lostRenewals(): number {
      return lostRenewals;
    },

    /** How many milliseconds after the first the sign-ins without a cause began. */
    unexplained(): number[] {
      const [first = 0, ...others] = begun;
      return others
        .filter(
          (at, index) =>
            !causes.some(({ from, until = Infinity }) => from <= at && until >= (begun[index] ?? Infinity)),
        )
        .map(at => at - first);
    },
  };
}
export type SignInLedger = ReturnType<typeof signInLedger>;
