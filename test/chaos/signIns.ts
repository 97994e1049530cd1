/** Something that may cost the person a sign-in. Milliseconds, and parts of them: two of one millisecond have their order, too. */
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
  const causes = new Set<Cause>();
  const lostRenewals = new Set<Cause>();
  let unheard = 0;

  function open(): Cause {
    const cause: Cause = { from: performance.now() };
    causes.add(cause);
    return cause;
  }
  function close(cause: Cause | undefined): void {
    if (cause) cause.until ??= performance.now();
  }

  return {
    /** A command that signs in or out begins. @returns what notes its end */
    command(): () => void {
      const cause = open();
      return () => {
        close(cause);
      };
    },

    /** Listens to one process. */
    listen() {
      let renewal: Cause | undefined;
      let signIn: Cause | undefined;
      let isHandedOver = false;
      return {
        line(line: string): void {
          if (line.includes('Renewing the session')) {
            close(renewal);
            lostRenewals.add((renewal = open()));
          } else if (renewal && /Renewed the session|session of \S+ has ended/.test(line)) {
            // It was answered.
            causes.delete(renewal);
            lostRenewals.delete(renewal);
            renewal = undefined;
          } else if (renewal && line.includes('could not be reached')) {
            close(renewal);
            renewal = undefined;
          } else if (line.includes('goes on in a process of its own')) {
            isHandedOver = true;
          } else if (line.includes('Signing in by')) {
            isHandedOver = false;
            close(signIn);
            begun.push((signIn = open()).from);
            // A renewal can only have cost the session that this sign-in replaces, whether or not its end is heard of.
            for (const lost of lostRenewals) lost.until ??= Math.max(lost.from, signIn.from - 1);
          } else if (signIn && line.includes('Signed in as')) {
            causes.delete(signIn);
            signIn = undefined;
          }
        },
        end(): void {
          close(renewal);
          close(signIn);
          if (isHandedOver) unheard++;
        },
      };
    },

    /** How many sign-ins were begun, and how many renewals got no answer. */
    get begun(): number {
      return begun.length;
    },
    get lostRenewals(): number {
      return lostRenewals.size;
    },

    /** How many sign-ins may have begun that nobody heard of, because the server that wanted them was killed first. */
    get unheard(): number {
      return unheard;
    },

    /** How many milliseconds after the first the sign-ins without a cause began. */
    unexplained(): number[] {
      const [first = 0, ...others] = begun;
      return others
        .filter(
          (at, index) =>
            ![...causes].some(
              ({ from, until = Infinity }) => from < at && until >= (begun[index] ?? Infinity),
            ),
        )
        .map(at => at - first);
    },
  };
}
export type SignInLedger = ReturnType<typeof signInLedger>;
